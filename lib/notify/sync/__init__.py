"""Makes profiles, templates and recipients in the database what a YAML file says."""
