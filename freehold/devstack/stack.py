"""FullStack: the parts of an installation, started together and stopped in order.

Start: RabbitMQ and PostgreSQL; databases, logins, keys, tables and queues (`freehold prepare`); every role under the
supervisor; the edge; the first administrator. Stop: edge, web roles, workers, servers, so that nobody is asked for
something he can no longer give.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from types import TracebackType

import urllib3

from chassis.testkit.processes import ServerError, account_for, is_reachable, tail, wait_until
from chassis.testkit.servers import PrivatePostgres, PrivateRabbit
from freehold.devstack.edge import Edge, find_nginx
from freehold.devstack.roles import (
    REPOSITORY,
    ROLES,
    SERVICES,
    Layout,
    Ports,
    Role,
    role_environment,
    secret_environment,
    shared_environment,
)
from freehold.devstack.supervisor import Child, Supervisor, shorten

HOPELESS = 4
Report = Callable[[str], None]


def postgres_settings(memory_mb: int | None = None) -> dict[str, str]:
    """A cache of a sixteenth of the machine's memory, for every role lives beside it, and room for the log of a large
    import between two checkpoints."""
    found = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") >> 20 if memory_mb is None else memory_mb
    return {"shared_buffers": f"{min(max(found // 16, 128), 1024)}MB", "max_wal_size": "4GB",
            "checkpoint_timeout": "15min"}


class FullStack:
    """A whole installation on this machine.

    `home` is its folder (`None`: a temporary one); with `keep=False` it begins empty and the servers' data end with it,
    while logs stay. `nginx=None` uses nginx when it is installed, `False` the gateway's own proxy. `listen` is the
    address for people. `env` adds settings for every role.
    """

    def __init__(
        self,
        home: Path | None = None,
        *,
        keep: bool = True,
        nginx: bool | None = None,
        listen: str | None = None,
        env: Mapping[str, str] | None = None,
        report: Report = lambda _: None,
    ) -> None:
        self._temporary = Path(tempfile.mkdtemp(prefix="freehold-full-")) if home is None else None
        self._keep = keep and home is not None
        self.layout = Layout((self._temporary or home / "full").resolve())
        if not self._keep:
            shutil.rmtree(self.layout.folder, ignore_errors=True)
        self.layout.make()
        front = "gateway-web" if nginx is False or find_nginx() is None else "edge"
        self.ports = Ports(self.layout.folder / "ports.json", {front: listen} if listen else None)
        self.edge = Edge(self.layout, self.ports, wanted=nginx)
        self.postgres = PrivatePostgres(self._servers_folder("postgres"), settings=postgres_settings())
        self.rabbit = PrivateRabbit(self._servers_folder("rabbitmq"), services=SERVICES)
        self.supervisor = Supervisor()
        self._extra, self._report = dict(env or {}), report

    @property
    def address(self) -> str:
        """Where people and programs reach the product."""
        return self.edge.address

    @property
    def certificate(self) -> Path | None:
        """The certificate a caller of `address` has to trust; None when it is plain HTTP."""
        return self.edge.certificate

    @property
    def gateway_address(self) -> str:
        """The gateway's own proxy, which works with and without nginx in front."""
        return f"http://{self.ports.address('gateway-web')}"

    @property
    def env(self) -> dict[str, str]:
        """Settings with the secrets of all services, for tools that work beside the roles (migrations, tests)."""
        secrets = [secret_environment(self.layout, service) for service in SERVICES]
        return {**self._shared(), **{name: value for part in secrets for name, value in part.items()}}

    def start(self) -> FullStack:
        """Start everything; returns when each role says that it is ready."""
        try:
            self._start_servers()
            self._prepare()
            self._start_roles()
            self.edge.start(self.supervisor, self.env)
            self.rabbit.settle()
        except BaseException:
            self.stop()
            raise
        return self

    def stop(self) -> None:
        """Stop everything in order, within 20 seconds."""
        self.supervisor.stop(["edge"], 2)
        self.supervisor.stop([role.name for role in ROLES if role.kind == "web"], 6)
        self.supervisor.stop([role.name for role in ROLES if role.kind == "worker"], 6)
        self.supervisor.close()
        self.rabbit.stop()
        self.postgres.stop()
        if self._temporary:
            shutil.rmtree(self._temporary, ignore_errors=True)

    def __enter__(self) -> FullStack:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def pids(self) -> dict[str, int]:
        """Process ids by name: the roles that run, `edge`, `postgres` and `rabbitmq`."""
        servers = {"postgres": self.postgres.pid, "rabbitmq": self.rabbit.pid}
        return self.supervisor.pids() | {name: pid for name, pid in servers.items() if pid}

    def kill_role(self, name: str) -> int:
        """kill -9 of a role with the processes it forked; the supervisor starts it again."""
        return self.supervisor.kill(name)

    def wait_ready(self, timeout: float = 120) -> None:
        """Return when every role answers its readiness question with yes."""
        for role in ROLES:
            self._wait_ready(role, timeout)

    def log(self, name: str) -> Path:
        """The log file of a role."""
        return self.layout.logs / f"{name}.log"

    def _start_servers(self) -> None:
        self._report("starting PostgreSQL and RabbitMQ …")
        self.rabbit.launch()
        self.postgres.start()
        for service in SERVICES:
            self.layout.write_secret(f"{service}-database-url", self.postgres.createdb(service))
            self.layout.write_secret(f"{service}-broker-url", self.rabbit.url(service))
        self.rabbit.wait()

    def _prepare(self) -> None:
        self._report("preparing databases and queues …")
        env = {**os.environ, **self.env}
        log = self.log("prepare")
        with log.open("wb") as output:
            done = subprocess.run(
                [*_freehold(), "prepare"],
                env=env,
                cwd=REPOSITORY,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                timeout=240,
                check=False,
            )
        if done.returncode != 0:
            raise ServerError(f"the databases could not be prepared:\n{tail(log)}")

    def _start_roles(self) -> None:
        self._report(f"starting {len(ROLES)} roles …")
        shared = self._shared()
        for role in ROLES:
            shorten(self.log(role.name))
            env = role_environment(self.layout, self.ports, role, shared)
            argv = [*_freehold(), role.service, role.kind]
            self.supervisor.add(Child(role.name, argv, env, self.log(role.name), REPOSITORY))
        self.wait_ready()

    def _wait_ready(self, role: Role, timeout: float) -> None:
        url = f"http://{self.ports.address(f'{role.name}.admin')}/healthz/ready"
        try:
            wait_until(lambda: self._gave_up(role) or _answers(url), role.name, timeout, pause=0.1)
        except ServerError as error:
            raise ServerError(f"{error}; the end of its log:\n{tail(self.log(role.name))}") from None

    def _gave_up(self, role: Role) -> bool:
        if self.supervisor.failures(role.name) < HOPELESS:
            return False
        raise ServerError(f"{role.name} ends as soon as it starts")

    def _shared(self) -> dict[str, str]:
        hops = {"FREEHOLD_FORWARDED_HOPS": "1"} if self.edge.is_nginx else {}
        return shared_environment(self.layout, self.ports, self.edge.address) | hops | self._extra

    def _servers_folder(self, name: str) -> Path | None:
        """Folder of a server's data: below ours, or below /var/lib when the server's user could not enter ours."""
        if not self._keep:
            return None
        account = account_for("postgres" if name == "postgres" else "rabbitmq")
        wanted = self.layout.folder / name
        if account.is_current or (is_reachable(wanted, account) and not wanted.is_symlink()):
            return wanted
        if not wanted.is_symlink():
            digest = hashlib.sha256(str(self.layout.folder).encode()).hexdigest()[:12]
            elsewhere = Path("/var/lib/freehold") / digest / name
            elsewhere.mkdir(parents=True, exist_ok=True)
            wanted.symlink_to(elsewhere)
        return wanted.resolve()


def _freehold() -> list[str]:
    return [sys.executable, "-m", "freehold.cli"]


def _answers(url: str) -> bool:
    with contextlib.suppress(urllib3.exceptions.HTTPError):
        return urllib3.request("GET", url, retries=False, timeout=3).status == 200
    return False
