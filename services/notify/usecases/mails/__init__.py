"""Mail to customers that rules have ordered."""
