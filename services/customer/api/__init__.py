"""The REST surface: one module with a blueprint per noun."""

from services.customer.api.imports import imports
from services.customer.api.objects import objects
from services.customer.api.records import records

BLUEPRINTS = (objects, records, imports)

__all__ = ["BLUEPRINTS"]
