"""The roles of a server: one process each, `freehold <service> web` and `freehold <service> worker`."""

from __future__ import annotations

import multiprocessing
import signal
import threading
from typing import Any

from chassis.garbage import spare_what_stands
from chassis.http.app import create_app
from chassis.http.health import database_ready
from chassis.service import Service, build, configure_process
from chassis.web import WebRole, serve, start_admin_port
from chassis.worker import Worker
from freehold.services import spec_of


def run_web(name: str) -> None:
    """Serve a service's API until SIGTERM; blocks. A service of one process works its events here too."""
    service = build(spec_of(name))
    configure_process(service)
    settings = service.settings
    single = service.spec.single_process
    worker_of_process: list[Worker] = []
    serving = multiprocessing.Event()  # set by a worker process, asked by the one above them

    def make_app() -> Any:
        live = build(spec_of(name))  # after the fork: no connection is shared between processes
        live.start()
        if single:
            worker_of_process.append(Worker(live))
            worker_of_process[0].start()
        app = create_app(live)
        spare_what_stands()
        serving.set()
        return app

    def worker_exit() -> None:
        for worker in worker_of_process:
            worker.stop(settings.stop_seconds)

    def when_ready() -> None:
        start_admin_port(settings.admin_listen, lambda: serving.is_set() and database_ready(service))

    serve(WebRole(make_app, settings.listen, 1 if single else settings.web_workers, settings.web_threads,
                  settings.stop_seconds, when_ready, worker_exit, shares_address=not single),
          settings.web_server or service.spec.web_server)


def run_worker(name: str) -> None:
    """Work a service's events, jobs and schedules until SIGTERM; blocks."""
    service = build(spec_of(name))
    configure_process(service)
    service.start()
    worker = Worker(service)
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    spare_what_stands()
    worker.start()
    start_admin_port(service.settings.admin_listen, lambda: worker.alive() and database_ready(service))
    stop.wait()
    worker.stop(service.settings.stop_seconds)
    service.close()


def prepare(name: str) -> Service:
    """Make a service's keys, tables and queues; returns the service for what comes next."""
    service = build(spec_of(name))
    service.prepare()
    return service
