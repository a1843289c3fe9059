"""The gateway: identity, organisation, sign-in, the way to the services, and the console's files."""
