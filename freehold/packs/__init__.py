"""Packs from the command line: over HTTP or through the app of this process. The installer is `gateway.packs`."""
