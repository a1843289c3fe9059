"""The edge of a full stack: nginx, configured from the gateway's routing table, or nothing in front.

Without nginx the gateway's web role is the address of the product: its Flask proxy does the same routing. With it,
TLS ends here (a self-signed certificate), the console's files come from disk, and a service is reached directly.
"""

from __future__ import annotations

import os
import pwd
import shutil
from collections.abc import Mapping
from pathlib import Path

import urllib3

from chassis.settings import Settings, load_settings
from chassis.testkit.processes import ServerError, tail, wait_until
from freehold.certificate import ensure_certificate
from freehold.devstack.roles import REPOSITORY, SERVICES, Layout, Ports
from freehold.devstack.supervisor import Child, Supervisor
from gateway.edge.nginx import options_of, render
from gateway.settings import SETTINGS

EVERYWHERE = "0.0.0.0"  # noqa: S104 - only recognised here; who wants it says so
CONSOLE = REPOSITORY / "console" / "dist"


def find_nginx() -> str | None:
    """Path of nginx, None when it is not installed."""
    return shutil.which("nginx", path=f"{os.environ.get('PATH', os.defpath)}:/usr/sbin")


class Edge:
    """The front door at `listen`; `wanted=None` takes nginx when it is installed."""

    def __init__(self, layout: Layout, ports: Ports, *, wanted: bool | None) -> None:
        self._folder = layout.folder / "edge"
        self._log = layout.logs / "edge.log"
        self._ports = ports
        self._program = None if wanted is False else find_nginx()
        if wanted and not self._program:
            raise ServerError("nginx is not installed; scripts/install-system.sh servers installs it")

    @property
    def is_nginx(self) -> bool:
        return self._program is not None

    @property
    def address(self) -> str:
        """Where people and programs reach the product."""
        scheme, name = ("https", "edge") if self.is_nginx else ("http", "gateway-web")
        return f"{scheme}://{self._ports.address(name).replace(EVERYWHERE, '127.0.0.1')}"

    @property
    def certificate(self) -> Path | None:
        """The certificate to trust, None where there is no TLS."""
        return self._folder / "edge.crt" if self.is_nginx else None

    def start(self, supervisor: Supervisor, env: Mapping[str, str] | None = None) -> None:
        """Start nginx, with the limits that the gateway's settings in `env` name, and wait for its first answer."""
        if self._program is None:
            return
        configuration = self._write_configuration(load_settings("gateway", SETTINGS, env or {}))
        argv = [self._program, "-p", str(self._folder), "-e", "stderr", "-c", str(configuration), "-g", _directives()]
        supervisor.add(Child("edge", argv, dict(os.environ), self._log, self._folder))
        with urllib3.PoolManager(ca_certs=str(self.certificate), retries=False, timeout=3) as pool:
            try:
                wait_until(lambda: _answers(pool, f"{self.address}/healthz/live"), "nginx", 15, pause=0.05)
            except ServerError as error:
                raise ServerError(f"{error}; the end of its log:\n{tail(self._log)}") from None

    def _write_configuration(self, settings: Settings) -> Path:
        self._folder.mkdir(mode=0o700, exist_ok=True)
        certificate, key = ensure_certificate(self._folder)
        upstreams = {service: [self._ports.address(f"{service}-web")] for service in SERVICES}
        text = render(
            upstreams,
            self._folder,
            listen=self._ports.address("edge"),
            certificate=certificate,
            certificate_key=key,
            console_dir=CONSOLE if (CONSOLE / "index.html").exists() else None,
            **options_of(settings),
        )
        path = self._folder / "nginx.conf"
        path.write_text(text, encoding="utf-8")
        return path


def _directives() -> str:
    """In the foreground, and with workers of the current user, who alone can read this stack's folder."""
    return f"daemon off; user {pwd.getpwuid(0).pw_name};" if os.geteuid() == 0 else "daemon off;"


def _answers(pool: urllib3.PoolManager, url: str) -> bool:
    try:
        return pool.request("GET", url).status == 200
    except urllib3.exceptions.HTTPError:
        return False
