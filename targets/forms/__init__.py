"""What people and programs say about metrics, targets, readings, notes and walls, and what can be wrong with it."""
