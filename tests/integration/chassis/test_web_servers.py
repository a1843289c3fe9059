"""Both web servers serve the same: words in addresses, bodies, many at once, a calm end, a worker that dies."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import urllib3

from chassis.testkit.processes import free_port, wait_until
from chassis.web import SERVERS

APP = '''
import json, os, sys, time, uuid
from pathlib import Path
from urllib.parse import unquote_to_bytes
from flask import Flask, Response, request
from chassis.web import WebRole, serve, start_admin_port

def make_app():
    app = Flask("test")

    @app.route("/echo/<word>", methods=["GET", "POST"])
    def echo(word):
        return {"word": word, "q": request.args.get("q"), "size": len(request.get_data()), "pid": os.getpid(),
                "proxy": request.headers.get("Proxy")}

    @app.route("/slow")
    def slow():
        Path(f"slow-{uuid.uuid4()}").touch()
        time.sleep(float(request.args.get("seconds", 1.5)))
        return {"pid": os.getpid()}

    @app.route("/parts")
    def parts():
        return Response((b"x" * 10_000 for _ in range(100)), content_type="application/octet-stream")
    return app

listen, admin, server = sys.argv[1:]
serve(WebRole(make_app, listen, 2, 4, 10, when_ready=lambda: start_admin_port(admin, lambda: True),
              shares_address=True), server)
'''


class Served:
    """A server of two processes in a process group of its own."""

    def __init__(self, server: str, folder: Path, address: str = "") -> None:
        program = folder / "app.py"
        program.write_text(APP, encoding="utf-8")
        self.folder = folder
        self.server = server
        self.address, self.admin = address or f"127.0.0.1:{free_port()}", f"127.0.0.1:{free_port()}"
        root = Path(__file__).resolve().parents[3]
        self.process = subprocess.Popen(
            [sys.executable, str(program), self.address, self.admin, server], cwd=folder, start_new_session=True,
            env=os.environ | {"PYTHONPATH": str(root), "HTTP_PROXY": "http://elsewhere.invalid"})
        self.pool = urllib3.PoolManager(maxsize=16, retries=False, timeout=30)
        wait_until(self._answers, server, 60)

    def get(self, path: str, **more: Any) -> Any:
        return self.pool.request("GET", f"http://{self.address}{path}", **more)

    def _answers(self) -> bool:
        try:
            return self.get("/echo/x").status == 200
        except urllib3.exceptions.HTTPError:
            return False


@pytest.fixture(params=SERVERS)
def served(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Served]:
    served = Served(request.param, tmp_path)
    yield served
    if served.process.poll() is None:
        os.killpg(served.process.pid, signal.SIGKILL)
    served.process.wait(10)


def test_words_bodies_and_streams_arrive_as_they_were_sent(served: Served) -> None:
    said = served.get("/echo/%E6%9D%AD%E5%B7%9E%20a?q=%E5%AE%A2%E6%88%B7%2B1").json()
    assert (said["word"], said["q"], said["proxy"]) == ("杭州 a", "客户+1", None)
    sent = served.pool.request("POST", f"http://{served.address}/echo/x", body=b"y" * 90_000)
    assert sent.json()["size"] == 90_000
    chunks = served.pool.request("POST", f"http://{served.address}/echo/x", body=(b"y" * 1000 for _ in range(50)),
                                 headers={"Transfer-Encoding": "chunked"})
    assert chunks.json()["size"] == 50_000
    assert len(served.get("/parts").data) == 1_000_000
    assert urllib3.request("GET", f"http://{served.admin}/healthz/ready", retries=False).status == 200


def test_a_request_in_hand_is_finished_when_the_server_is_asked_to_end(served: Served) -> None:
    answers: list[int] = []
    threads = [threading.Thread(target=lambda: answers.append(served.get("/slow").status)) for _ in range(4)]
    for thread in threads:
        thread.start()
    wait_until(lambda: len(list(served.folder.glob("slow-*"))) == 4, "four requests in hand", 60)
    served.process.send_signal(signal.SIGTERM)
    for thread in threads:
        thread.join(20)
    assert answers == [200] * 4
    served.process.wait(15)
    with pytest.raises(urllib3.exceptions.HTTPError):
        served.get("/echo/x")


def test_a_next_version_takes_the_address_over_and_nobody_waits_for_the_one_that_ends(served: Served,
                                                                                   tmp_path: Path) -> None:
    (tmp_path / "next").mkdir()
    held: list[int] = []
    stream = threading.Thread(target=lambda: held.append(served.get("/slow?seconds=8").status))
    stream.start()
    wait_until(lambda: list(served.folder.glob("slow-*")), "a request in hand", 30)
    following = Served(served.server, tmp_path / "next", served.address)
    try:
        own = {following.process.pid}
        wait_until(lambda: own & {_parent(_asked_anew(served)) for _ in range(8)}, "an answer of the next version", 30)
        served.process.send_signal(signal.SIGTERM)
        for _ in range(16):  # a caller that came to the one that ends would wait for it
            assert _asked_anew(served)
        stream.join(20)
        served.process.wait(20)
        assert held == [200]
        assert _parent(_asked_anew(served)) == following.process.pid
    finally:
        os.killpg(following.process.pid, signal.SIGKILL)
        following.process.wait(10)


def _asked_anew(served: Served) -> int:
    """The process that answers a connection that was not there before."""
    with urllib3.PoolManager(retries=urllib3.Retry(connect=3, read=1, backoff_factor=0), timeout=3) as pool:
        return int(pool.request("GET", f"http://{served.address}/echo/x").json()["pid"])


def _parent(pid: int) -> int:
    return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])


def test_a_worker_that_dies_is_replaced(served: Served) -> None:
    before = served.get("/echo/x").json()["pid"]
    os.kill(before, signal.SIGKILL)
    wait_until(served._answers, "an answer", 30)
    wait_until(lambda: len(_workers(served)) == 2 and before not in _workers(served), "two workers", 30)


def _workers(served: Served) -> set[int]:
    children = Path(f"/proc/{served.process.pid}/task").glob("*/children")
    found = {int(pid) for file in children for pid in file.read_text().split()}
    return {pid for pid in found if "Z" not in Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]}
