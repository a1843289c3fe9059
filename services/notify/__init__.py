"""The notify service: tells people what happened, in their language and their way, never twice."""
