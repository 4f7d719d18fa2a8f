"""The pretend services, asked over real HTTP."""
