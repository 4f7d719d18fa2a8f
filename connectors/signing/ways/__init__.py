"""The ways of signing in, one module each. `connectors.signing.registry` lists them."""
