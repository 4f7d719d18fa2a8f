"""Pages of accounts and organisations."""
