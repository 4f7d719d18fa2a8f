"""Ready blueprints that the product offers: each a YAML file in this folder, with a head that says what it asks."""
