"""gunicorn with threads: for processes that hold long answers (streams) or work events beside their requests."""

from __future__ import annotations

from typing import Any

from gunicorn.app.base import BaseApplication
from gunicorn.workers.gthread import ThreadWorker

from chassis.web.role import WebRole


class GunicornServer(BaseApplication):
    """gunicorn over the app that a role makes in each worker."""

    def __init__(self, role: WebRole) -> None:
        self._role = role
        self._options: dict[str, Any] = {
            "bind": role.listen, "reuse_port": role.shares_address, "workers": role.workers, "threads": role.threads,
            "worker_class": f"{__name__}.LeavingWorker" if role.shares_address else "gthread",
            "timeout": 120, "graceful_timeout": role.stop_seconds, "keepalive": 30,
            "worker_tmp_dir": "/dev/shm",  # noqa: S108
            "limit_request_line": 8190, "limit_request_field_size": 16380, "loglevel": "warning",
            "proc_name": "freehold", "control_socket_disable": True,
            "when_ready": lambda _: role.when_ready(), "worker_exit": lambda _, __: role.worker_exit()}
        super().__init__()

    def load_config(self) -> None:
        for name, value in self._options.items():
            self.cfg.set(name, value)

    def load(self) -> Any:
        return self._role.make_app()


class LeavingWorker(ThreadWorker):
    """Gives its address up as soon as it ends, where another process serves it as well.

    gunicorn keeps the socket until the last stream is over. Meanwhile the kernel would go on sending every other caller
    to it, where nobody takes him in.
    """

    def set_accept_enabled(self, enabled: bool) -> None:
        super().set_accept_enabled(enabled)
        if not enabled and not self.alive:
            for listener in self.sockets:
                listener.close()
