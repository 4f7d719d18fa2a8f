"""How numbers, amounts of money, durations, dates and times are written, and what they say."""
