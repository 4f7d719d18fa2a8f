"""How records are passed on and what comes back is read: by plain HTTP, and as a prompt to a model."""
