"""The API of blueprints."""
