"""From a question to rows: the wizard, the well-known services, and what was answered so far."""
