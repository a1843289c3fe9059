"""Versions of a company's own PostgreSQL and RabbitMQ, asked in their own protocols, so that no client is needed.

PostgreSQL tells its version after a sign-in (frontend/backend protocol 3.0, SCRAM-SHA-256 by RFC 7677; a
password never leaves in clear text); RabbitMQ tells it before one (AMQP 0-9-1, Connection.Start).
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
import secrets
import socket
import ssl
import struct
from urllib.parse import unquote, urlsplit

from freehold_install.preflight.results import Result, judged

OLDEST_POSTGRES = 15
OLDEST_RABBITMQ = (3, 10)
SECONDS = 5


class AnswerError(Exception):
    """The server answered, but not as a server of this kind that lets us in."""


def postgres(url: str) -> Result:
    """Version of the PostgreSQL at `postgresql://user:password@host:port/database`."""
    name, needed = "PostgreSQL", f"{OLDEST_POSTGRES} or newer, and the sign-in works"
    try:
        version = postgres_version(url)
    except (OSError, AnswerError, ValueError) as error:
        return judged(name, False, f"{_place(url)}: {error}", needed, "check address, user, password and pg_hba.conf")
    match = re.match(r"\d+", version)
    good = bool(match) and int(match.group()) >= OLDEST_POSTGRES if match else False
    return judged(name, good, version, needed, "update the server")


def there(name: str, place: str, tls: bool) -> Result:
    """Whether a PostgreSQL listens at `host:port`, before there is a login, and whether it can encrypt."""
    needed, (host, _, port) = "answers" + " and offers TLS" * tls, place.rpartition(":")
    try:
        with _connected(host, int(port)) as plain:
            plain.sendall(struct.pack(">II", 8, 80_877_103))
            offers = _exactly(plain, 1) == b"S"
    except (OSError, AnswerError) as error:
        return judged(name, False, f"{place}: {error}", needed, "check the address, and that a firewall lets it pass")
    return judged(name, offers or not tls, "no TLS" if not offers else "TLS", needed, "set `ssl = on` there")


def rabbitmq(url: str) -> Result:
    """Version of the RabbitMQ at `amqp://host:port`."""
    name, needed = "RabbitMQ", ".".join(map(str, OLDEST_RABBITMQ)) + " or newer"
    try:
        product, version = rabbitmq_version(url)
    except (OSError, AnswerError, ValueError) as error:
        return judged(
            name, False, f"{_place(url)}: {error}", needed, "check the address, and that a firewall lets AMQP pass"
        )
    numbers = tuple(int(part) for part in re.findall(r"\d+", version)[:2])
    return judged(
        name, product == "RabbitMQ" and numbers >= OLDEST_RABBITMQ, f"{product} {version}", needed, "update the broker"
    )


def rabbitmq_version(url: str) -> tuple[str, str]:
    """(product, version) that a broker says of itself."""
    parts = urlsplit(url)
    with _connected(parts.hostname or "", parts.port or (5671 if parts.scheme == "amqps" else 5672)) as plain:
        line = _encrypted(plain, parts.hostname) if parts.scheme == "amqps" else plain
        line.sendall(b"AMQP\0\0\x09\x01")
        kind, _, size = struct.unpack(">BHI", _exactly(line, 7))
        frame = _exactly(line, size)
    if kind != 1 or frame[:4] != b"\0\x0a\0\x0a":
        raise AnswerError("this is no AMQP 0-9-1 broker")
    said = _short_texts(frame[10:])
    return said.get("product", "unknown"), said.get("version", "unknown")


def _short_texts(table: bytes) -> dict[str, str]:
    """The members of an AMQP table that are long strings (`S`); those come as name, type, size, text."""
    found = re.finditer(rb"(?s)([\x01-\x40])([a-z_]{1,64})S(.{4})", table)
    return {
        one.group(2).decode(): table[one.end() : one.end() + struct.unpack(">I", one.group(3))[0]].decode(
            "utf-8", "replace"
        )
        for one in found
        if one.group(1)[0] == len(one.group(2))
    }


def postgres_version(url: str) -> str:
    """`server_version` as the server reports it after the sign-in."""
    parts = urlsplit(url)
    user, password = unquote(parts.username or "postgres"), unquote(parts.password or "")
    with _connected(parts.hostname or "", parts.port or 5432) as plain:
        line = _maybe_encrypted(plain, parts.hostname)
        wanted = b"user\0%s\0database\0%s\0\0" % (user.encode(), (parts.path.strip("/") or user).encode())
        line.sendall(struct.pack(">II", len(wanted) + 8, 196_608) + wanted)
        _sign_in(line, password)
        return _reported_version(line)


def _sign_in(line: socket.socket, password: str) -> None:
    kind, body = _message(line)
    (method,) = struct.unpack(">I", body[:4])
    if method == 10:
        _scram(line, password)
        kind, body = _message(line)
        (method,) = struct.unpack(">I", body[:4])
    if kind != b"R" or method != 0:
        raise AnswerError("the server wants another way to sign in than SCRAM-SHA-256")


def _scram(line: socket.socket, password: str) -> None:
    nonce = secrets.token_urlsafe(18)
    bare = f"n=,r={nonce}"
    first = f"n,,{bare}".encode()
    _send(line, b"p", b"SCRAM-SHA-256\0" + struct.pack(">I", len(first)) + first)
    challenge = _sasl(line, 11)
    said = dict(part.split("=", 1) for part in challenge.split(","))
    if not said["r"].startswith(nonce):
        raise AnswerError("the server answered another sign-in")
    salted = hashlib.pbkdf2_hmac("sha256", password.encode(), base64.b64decode(said["s"]), int(said["i"]))
    final = f"c=biws,r={said['r']}"
    signed = f"{bare},{challenge},{final}".encode()
    key = _hmac(salted, b"Client Key")
    proof = bytes(a ^ b for a, b in zip(key, _hmac(hashlib.sha256(key).digest(), signed), strict=True))
    _send(line, b"p", f"{final},p={base64.b64encode(proof).decode()}".encode())
    verified = dict([_sasl(line, 12).split("=", 1)])
    if base64.b64decode(verified.get("v", "")) != _hmac(_hmac(salted, b"Server Key"), signed):
        raise AnswerError("the server does not know the password either")


def _sasl(line: socket.socket, wanted: int) -> str:
    _, body = _message(line)
    if struct.unpack(">I", body[:4])[0] != wanted:
        raise AnswerError("the sign-in was broken off")
    return body[4:].decode()


def _reported_version(line: socket.socket) -> str:
    while True:
        kind, body = _message(line)
        name, _, rest = body.partition(b"\0")
        if kind == b"S" and name == b"server_version":
            return rest.rstrip(b"\0").decode()
        if kind == b"Z":
            raise AnswerError("the server does not tell its version")


def _message(line: socket.socket) -> tuple[bytes, bytes]:
    kind = _exactly(line, 1)
    (size,) = struct.unpack(">I", _exactly(line, 4))
    body = _exactly(line, size - 4)
    if kind == b"E":
        texts = {part[:1]: part[1:].decode("utf-8", "replace") for part in body.split(b"\0") if part}
        raise AnswerError(texts.get(b"M", "the server refused"))
    return kind, body


def _send(line: socket.socket, kind: bytes, body: bytes) -> None:
    line.sendall(kind + struct.pack(">I", len(body) + 4) + body)


def _connected(host: str, port: int) -> socket.socket:
    return socket.create_connection((host, port), timeout=SECONDS)


def _maybe_encrypted(plain: socket.socket, host: str | None) -> socket.socket:
    """TLS when the server offers it; the certificate is not judged, only the version is asked."""
    plain.sendall(struct.pack(">II", 8, 80_877_103))
    return _encrypted(plain, host) if _exactly(plain, 1) == b"S" else plain


def _encrypted(plain: socket.socket, host: str | None) -> ssl.SSLSocket:
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    return context.wrap_socket(plain, server_hostname=host)


def _exactly(line: socket.socket, size: int) -> bytes:
    data = b""
    while len(data) < size:
        piece = line.recv(size - len(data))
        if not piece:
            raise AnswerError("the server ended the connection")
        data += piece
    return data


def _hmac(key: bytes, data: bytes) -> bytes:
    return hmac.new(key, data, "sha256").digest()


def _place(url: str) -> str:
    """An address without its password."""
    parts = urlsplit(url)
    return f"{parts.hostname}:{parts.port}" if parts.port else str(parts.hostname)
