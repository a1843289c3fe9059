"""The edge: a web server in front of the services, configured from the gateway's own routing table."""
