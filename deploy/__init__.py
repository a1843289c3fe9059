"""How an installation of Freehold comes about: images, the bundle, playbooks."""
