"""What the pages about targets, metrics and checks show: rows in, words out. Nothing is judged here."""
