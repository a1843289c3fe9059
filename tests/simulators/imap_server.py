"""A small IMAP server of a test (RFC 9051, the part that reading needs): one account, one folder, real numbering."""

from __future__ import annotations

import re
import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field


@dataclass
class Account:
    """What the server holds; `validity` changes when it numbers its messages anew."""

    username: str = "support"
    password: str = "s3cret \"quoted\""
    folder: str = "INBOX"
    validity: int = 7
    next_uid: int = 1
    messages: dict[int, bytes] = field(default_factory=dict)
    seen: list[str] = field(default_factory=list)  # commands, without what follows LOGIN
    refuses: str = ""  # the command that is answered with NO
    chatter: int = 0  # megabytes that nobody asked for, before a search is answered
    port: int = 0

    def put(self, raw: bytes) -> int:
        """A message comes in."""
        uid, self.next_uid = self.next_uid, self.next_uid + 1
        self.messages[uid] = raw
        return uid

    def renumber(self, validity: int) -> None:
        """The server was restored: the same messages under new numbers."""
        self.validity, self.next_uid, old = validity, 1, list(self.messages.values())
        self.messages.clear()
        for raw in old:
            self.put(raw)


class _Handler(socketserver.StreamRequestHandler):
    def handle(self) -> None:
        account: Account = self.server.account  # type: ignore[attr-defined]
        self._say("* OK ready")
        signed_in = False
        while line := self.rfile.readline(65536):
            tag, _, command = line.decode().strip().partition(" ")
            verb = command.upper()
            account.seen.append("LOGIN" if verb.startswith("LOGIN") else command)
            if verb == "CAPABILITY":
                self._say("* CAPABILITY IMAP4rev1", f"{tag} OK done")
            elif verb.startswith("LOGIN"):
                given = re.fullmatch(r'LOGIN (\S+) "((?:[^"\\]|\\.)*)"', command)
                signed_in = given is not None and (given[1], re.sub(r"\\(.)", r"\1", given[2])) == (
                    account.username, account.password)
                self._say(f"{tag} OK in" if signed_in else f"{tag} NO [AUTHENTICATIONFAILED] wrong user or password")
            elif verb == "LOGOUT":
                self._say("* BYE", f"{tag} OK out")
                return
            elif not signed_in:
                self._say(f"{tag} BAD sign in first")
            elif account.refuses and verb.startswith(f"UID {account.refuses}"):
                self._say(f"{tag} NO busy")
            elif verb.startswith("EXAMINE"):
                self._examine(account, tag, command)
            elif verb.startswith("UID SEARCH"):
                self._search(account, tag, command)
            elif verb.startswith("UID FETCH"):
                self._fetch(account, tag, command)
            else:
                self._say(f"{tag} BAD not for readers")

    def _say(self, *lines: str) -> None:
        self.wfile.write("".join(f"{line}\r\n" for line in lines).encode())

    def _examine(self, account: Account, tag: str, command: str) -> None:
        if command.partition(" ")[2].strip('"') != account.folder:
            self._say(f"{tag} NO there is no such folder")
            return
        self._say(f"* {len(account.messages)} EXISTS", f"* OK [UIDVALIDITY {account.validity}] valid",
                  f"* OK [UIDNEXT {account.next_uid}] next", f"{tag} OK [READ-ONLY] open")

    def _search(self, account: Account, tag: str, command: str) -> None:
        for _ in range(account.chatter):
            self.wfile.write(b"* 1 FETCH (FLAGS {1048576}\r\n" + bytes(1 << 20) + b")\r\n")
        span = re.search(r"UID (\d+):\*", command)
        found = sorted(account.messages)
        if span:  # `n:*` names the last message even when its number is smaller
            found = [uid for uid in found if uid >= int(span[1])] or found[-1:]
        self._say(" ".join(["* SEARCH", *map(str, found)]), f"{tag} OK done")

    def _fetch(self, account: Account, tag: str, command: str) -> None:
        uid = int(command.split()[2])
        raw = account.messages.get(uid)
        if raw is not None and "RFC822.SIZE" in command:
            arrived = 'INTERNALDATE " 2-Mar-2026 08:15:30 +0100"'
            self._say(f"* 1 FETCH (UID {uid} {arrived} RFC822.SIZE {len(raw)})")
        elif raw is not None:
            part = raw.partition(b"\r\n\r\n")[0] + b"\r\n\r\n" if "HEADER" in command else raw
            self._say(f"* 1 FETCH (UID {uid} BODY[] {{{len(part)}}}")
            self.wfile.write(part + b")\r\n")
        self._say(f"{tag} OK done")


class _Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = daemon_threads = True
    block_on_close = False


@contextmanager
def imap_server() -> Iterator[Account]:
    """Serve one account on a free port of the loopback."""
    account = Account()
    with _Server(("127.0.0.1", 0), _Handler) as server:
        server.account = account  # type: ignore[attr-defined]
        account.port = server.server_address[1]
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        thread.start()
        try:
            yield account
        finally:
            server.shutdown()
            thread.join()
