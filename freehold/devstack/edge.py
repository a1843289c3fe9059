"""The edge of a full stack: nginx with the configuration that the gateway's routing table gives, or no nginx.

Without nginx the gateway's web role is the address of the product: its Flask proxy does the same routing.
"""

from __future__ import annotations

import shutil
from pathlib import Path

from freehold.devstack.roles import Layout, Ports
from freehold.devstack.supervisor import Supervisor


def find_nginx() -> str | None:
    """Path of nginx, None when it is not installed."""
    return shutil.which("nginx") or next((path for path in ("/usr/sbin/nginx",) if Path(path).exists()), None)


class Edge:
    """The front door; `wanted=None` takes nginx when it is installed."""

    def __init__(self, layout: Layout, ports: Ports, *, wanted: bool | None) -> None:
        self._layout, self._ports = layout, ports
        self.program = None if wanted is False else find_nginx()

    @property
    def address(self) -> str:
        return f"http://{self._ports.address('gateway-web')}"

    def start(self, supervisor: Supervisor) -> None:
        """Start nginx under the supervisor and wait for its answer."""
