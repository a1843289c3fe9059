"""The report service: a read model fed by events, questions to it under the caller's permissions, dashboards."""
