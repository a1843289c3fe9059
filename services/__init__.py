"""The services; each knows the chassis and none of the others."""
