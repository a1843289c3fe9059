"""The public front of the product: safety of addresses, limits, headers, and the way to the services.

`Front` wraps the gateway's own WSGI app. What belongs to another service goes to `service.parts["upstreams"]`: over
HTTP by default, or straight into the other WSGI apps of this process after `front(service, apps)`.
"""

from __future__ import annotations

from collections.abc import Mapping

from chassis.service import Service
from gateway.proxy.front import Front
from gateway.proxy.http_upstreams import HttpUpstreams
from gateway.proxy.wsgi_upstreams import Wsgi, WsgiUpstreams

__all__ = ["Front", "HttpUpstreams", "WsgiUpstreams", "front"]


def front(service: Service, apps: Mapping[str, Wsgi]) -> Wsgi:
    """Let the gateway hand requests to the apps of this process; returns the app that answers for all of them."""
    service.parts["upstreams"] = WsgiUpstreams(apps)
    return apps["gateway"]
