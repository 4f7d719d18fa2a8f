"""The pages about targets and metrics: what is read from the database, and which template shows it."""
