"""What one run of an enrichment is made of: which records go out, what it may spend, writing answers down."""
