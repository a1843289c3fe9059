"""Personal data: what people agreed to, everything that is kept about one of them, and its erasure."""
