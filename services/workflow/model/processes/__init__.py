"""Processes: BPMN 2.0 files read into definitions, and the token engine that runs them. No I/O."""
