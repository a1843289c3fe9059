"""Rules of the domain, without input or output."""
