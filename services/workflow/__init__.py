"""The workflow service: rules, their runs, and tasks."""
