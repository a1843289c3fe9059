"""HTTP to addresses that people typed in: nobody may use the service to reach what only the service reaches.

The name is looked up once, every address found must be allowed, and exactly one of those is connected to: a name that
changes its mind in between gains nothing. Allowed are public addresses, over TLS only, and the networks of the setting
`outside_networks`, where plain HTTP will do. Redirects are not followed. The whole exchange has a deadline, whatever
the other side trickles; of the answer little is read.
"""

from __future__ import annotations

import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Any
from urllib.parse import SplitResult, urlsplit

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network
Resolve = Callable[[str, int], Iterable[str]]

_NAT64 = ip_network("64:ff9b::/96")
_NOT_PUBLIC = tuple(map(ip_network, ("100.64.0.0/10", "192.0.0.0/24", "192.88.99.0/24", "fec0::/10", "2001:20::/28",
                                     "5f00::/16", "64:ff9b:1::/48", "3fff::/20")))
_CONNECT_SECONDS, _TOTAL_SECONDS = 5.0, 15.0
_SHOWN = 1000


class AddressRefused(Exception):
    """The address is not one that may be reached."""


class Unreachable(Exception):
    """There was no answer."""


class Unanswered(Unreachable):
    """The request was under way when the connection broke: the other side may have it."""


@dataclass(frozen=True)
class Reply:
    """What the other side answered; `text` is the beginning of it, without control characters."""

    status: int
    text: str
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""


def networks_of(text: str) -> tuple[Network, ...]:
    """Read the networks of a setting, `10.1.0.0/16, fd00::/8`; raises ValueError."""
    return tuple(ip_network(one.strip()) for one in text.split(",") if one.strip())


class Outside:
    """One service's way to the world."""

    def __init__(self, networks: Iterable[Network] = (), resolve: Resolve | None = None,
                 seconds: float = _TOTAL_SECONDS, tls: ssl.SSLContext | None = None) -> None:
        self._networks, self._resolve, self._seconds = tuple(networks), resolve or _look_up, seconds
        self._tls = tls

    def post(self, url: str, body: bytes, headers: Mapping[str, str], *, most: int = 4096) -> Reply:
        """Send a body and return the answer, of which `most` bytes are read; raises AddressRefused, Unreachable."""
        return self.ask("POST", url, body, headers, most=most)

    def ask(self, method: str, url: str, body: bytes | None, headers: Mapping[str, str], *, most: int) -> Reply:
        """Send a request of any method."""
        parts, begun = urlsplit(url), threading.Event()
        try:
            with self._connected(parts) as plain, _deadline(plain, self._seconds):
                connection = HTTPConnection("connected-already")  # it would read a port out of an address of version 6
                connection.sock = self._secured(plain, parts)
                begun.set()
                return _exchange(connection, parts, method, body, headers, most)
        except (OSError, HTTPException) as error:
            raise (Unanswered if begun.is_set() else Unreachable)(_why(error)) from error

    @contextmanager
    def line(self, host: str, port: int, secure: bool, seconds: float) -> Iterator[socket.socket]:
        """A connection for another protocol, cut when the block takes longer; `secure`: it is spoken over TLS."""
        named = f"[{host}]" if ":" in host else host
        try:
            parts = urlsplit(f"{'https' if secure else 'http'}://{named}:{port}")
        except ValueError as error:  # it looks like an address of version 6 and is none
            raise Unreachable("the name is unknown") from error
        try:
            with self._connected(parts) as plain, _deadline(plain, seconds):
                yield plain
        except (OSError, HTTPException) as error:
            raise Unreachable(_why(error)) from error

    def check_literal(self, url: str) -> None:
        """Raise AddressRefused for an address that stands there in digits and may not be reached."""
        parts = urlsplit(url)
        try:
            literal = ip_address(parts.hostname or "")
        except ValueError:
            return
        self._check(literal, parts.scheme)

    @contextmanager
    def _connected(self, parts: SplitResult) -> Iterator[socket.socket]:
        host, port = parts.hostname or "", parts.port or (443 if parts.scheme == "https" else 80)
        found = [ip_address(one.partition("%")[0]) for one in self._resolve(host, port)]
        if not found:
            raise Unreachable("the name is unknown")
        for one in found:
            self._check(one, parts.scheme)
        with _first_of(found, port) as connection:
            connection.settimeout(self._seconds)
            yield connection

    def _check(self, address: Address, scheme: str) -> None:
        inner = _inner(address)
        if any(inner in network for network in self._networks):
            return
        if not inner.is_global or inner.is_multicast or any(inner in network for network in _NOT_PUBLIC):
            raise AddressRefused("the address is not public, and its network is not among those allowed")
        if scheme != "https":
            raise AddressRefused("public addresses are reached over TLS only")

    def _secured(self, plain: socket.socket, parts: SplitResult) -> Any:
        if parts.scheme != "https":
            return plain
        context = self._tls or ssl.create_default_context()
        return context.wrap_socket(plain, server_hostname=parts.hostname)


def _exchange(connection: HTTPConnection, parts: SplitResult, method: str, body: bytes | None,
              headers: Mapping[str, str], most: int) -> Reply:
    try:
        connection.request(method, _target(parts), body, {"Host": parts.netloc, "Connection": "close"} | {
            **headers})
        response = connection.getresponse()
        read = response.read(most)
        headers = {name.lower(): value for name, value in response.getheaders()}
        return Reply(response.status, _printable(read.decode("utf-8", "replace")[:_SHOWN]), headers, read)
    finally:
        connection.close()


def _first_of(found: Sequence[Address], port: int) -> socket.socket:
    """A connection to the first address that answers, of four at most."""
    for place, address in enumerate(found[:4], start=1):
        try:
            return socket.create_connection((str(address), port), timeout=_CONNECT_SECONDS)
        except OSError:
            if place == len(found[:4]):
                raise
    raise OSError("no address")


@contextmanager
def _deadline(connection: socket.socket, seconds: float) -> Iterator[None]:
    """Cut the connection when the block takes longer, whatever it waits for."""
    handle = connection.dup()
    timer = threading.Timer(seconds, _cut, (handle,))
    timer.daemon = True
    started = time.monotonic()
    timer.start()
    error: Exception | None = None
    try:
        yield
    except (OSError, HTTPException) as trouble:
        error = trouble
    finally:
        timer.cancel()
        handle.close()
    if time.monotonic() - started >= seconds:  # also without an error: a header that is cut looks like a whole one
        raise TimeoutError from error
    if error is not None:
        raise error


def _cut(connection: socket.socket) -> None:
    try:
        connection.shutdown(socket.SHUT_RDWR)
    except OSError:
        return  # it has ended by itself


def _look_up(host: str, port: int) -> list[str]:
    try:
        return [str(one[4][0]) for one in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]
    except UnicodeError as error:  # a part of the name is empty or longer than 63 signs
        raise Unreachable("the name is unknown") from error


def _inner(address: Address) -> Address:
    """The address of version 4 that hides in one of version 6, if there is one."""
    if isinstance(address, IPv4Address):
        return address
    if address in _NAT64:
        return IPv4Address(int(address) & 0xFFFFFFFF)
    return address.ipv4_mapped or address.sixtofour or address


def _target(parts: SplitResult) -> str:
    return (parts.path or "/") + (f"?{parts.query}" if parts.query else "")


def _printable(text: str) -> str:
    return "".join(sign if sign.isprintable() or sign in "\n\t" else "\N{REPLACEMENT CHARACTER}" for sign in text)


def _why(error: Exception) -> str:
    if isinstance(error, TimeoutError):
        return "no answer in time"
    if isinstance(error, socket.gaierror):
        return "the name is unknown"
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"the certificate is not valid: {error.verify_message}"[:300]
    return _printable(f"{type(error).__name__}: {error}"[:300])  # it may quote what the other side said
