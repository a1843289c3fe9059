"""The services of Freehold: the one table that names all of them."""

from __future__ import annotations

from importlib import import_module

from chassis.service import ServiceSpec

PACKAGES = {
    "gateway": "gateway",
    "customer": "services.customer",
    "workflow": "services.workflow",
    "notify": "services.notify",
    "report": "services.report",
}


def spec_of(name: str) -> ServiceSpec:
    """Return the specification of a service; only its package is imported."""
    return import_module(f"{PACKAGES[name]}.bootstrap").SPEC
