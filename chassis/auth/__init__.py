"""Who calls and what he may do."""

from chassis.auth.guard import before_own_password, current_principal, public, requires, requires_any, service_only
from chassis.auth.principal import ObjectPolicy, Principal

__all__ = ["ObjectPolicy", "Principal", "before_own_password", "current_principal", "public", "requires",
           "requires_any", "service_only"]
