"""An organisation's connections, feeds, metrics, targets and reports as one YAML document."""
