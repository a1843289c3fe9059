"""Whether an address that somebody typed in may be reached."""

from __future__ import annotations

from typing import TYPE_CHECKING

from services.notify.model.webhooks import fault_of_address
from services.notify.outside import AddressRefused

if TYPE_CHECKING:
    from chassis.service import Service


def fault_of(service: Service, url: str) -> str | None:
    """Return the code of what is wrong with an address, or None. What its name leads to is checked at every call."""
    code = fault_of_address(url)
    try:
        service.parts["outside"].check_literal(url if code is None else "")
    except AddressRefused:
        return "webhook_address_refused"
    return code
