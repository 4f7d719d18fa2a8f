"""The call log of a connection: what is kept of a call, what the calls of an hour add up to, and how they are shown."""
