"""Who calls and what he may do."""

from chassis.auth.guard import current_principal, public, requires, service_only
from chassis.auth.principal import ObjectPolicy, Principal

__all__ = ["ObjectPolicy", "Principal", "current_principal", "public", "requires", "service_only"]
