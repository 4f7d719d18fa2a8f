"""What one collection is made of: what it asks for, finding numbers in what came, closing it."""
