"""The outside world on this machine: receivers and providers, written from their public documents."""
