"""The pretend services, as they are asked over HTTP."""
