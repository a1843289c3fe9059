"""Rules of identity: passwords, names, roles, the tree, lock-out. No I/O."""
