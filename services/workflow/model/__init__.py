"""The rules of the domain, without input or output."""
