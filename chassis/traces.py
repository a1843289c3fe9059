"""OpenTelemetry traces; off unless `otlp_endpoint` is set, and then free of cost when off."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

_state: dict[str, Any] = {}


def switch_on(endpoint: str, service: str) -> None:
    """Send spans of this process to an OTLP/HTTP collector."""
    from opentelemetry import trace
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
    from opentelemetry.sdk.resources import Resource
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import BatchSpanProcessor

    if not _state:
        provider = TracerProvider(resource=Resource.create({"service.name": f"freehold-{service}"}))
        provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter(endpoint=endpoint)))
        trace.set_tracer_provider(provider)
    _state["tracer"] = trace.get_tracer("freehold")


@contextmanager
def span(name: str, traceparent: str | None = None, **attributes: Any) -> Iterator[None]:
    """Record the block as a span that continues `traceparent`."""
    if not _state:
        yield
        return
    from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

    parent = TraceContextTextMapPropagator().extract({"traceparent": traceparent}) if traceparent else None
    with _state["tracer"].start_as_current_span(name, context=parent, attributes=attributes):
        yield


def traceparent() -> str | None:
    """Return the W3C trace context of the present span, to be sent along."""
    if not _state:
        return None
    from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

    carrier: dict[str, str] = {}
    TraceContextTextMapPropagator().inject(carrier)
    return carrier.get("traceparent")
