"""Pages about blueprints."""
