"""The HTTP edge of a service: problems, strict JSON, paging, ETags, idempotency, OpenAPI."""
