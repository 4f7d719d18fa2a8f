"""Against software that was not written here: nginx as a gateway, LiteLLM before a model, json-server as an API."""
