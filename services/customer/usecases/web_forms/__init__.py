"""Public forms: designing them, and taking in what strangers send."""
