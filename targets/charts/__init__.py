"""A track drawn: as data for the script, as a picture, and as words that say the same."""
