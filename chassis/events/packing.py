"""How bodies travel through RabbitMQ: large ones compressed, said by AMQP's `content_encoding`.

Five hundred records of an import are a body of a quarter of a megabyte, and each queue that is bound to it keeps it on
its own and hands it over in frames. Compressed it is a fifth, for less than what the frames would cost one reader.
"""

from __future__ import annotations

import zlib

from pika import BasicProperties

DEFLATE = "deflate"  # as HTTP calls zlib's format
_WORTH_IT, _LEVEL = 8_192, 1
_MOST = 256 * 1024 * 1024  # bytes that a body may become: RabbitMQ takes no larger ones, so nobody has sent more


def packed(body: str) -> tuple[bytes, str | None]:
    """The bytes to send, and their `content_encoding`."""
    plain = body.encode()
    return (plain, None) if len(plain) < _WORTH_IT else (zlib.compress(plain, _LEVEL), DEFLATE)


def unpacked(body: bytes, properties: BasicProperties) -> str:
    """The text of a body; what cannot be read comes out as it is, and is malformed to who reads it as a message."""
    if properties.content_encoding == DEFLATE:
        reader = zlib.decompressobj()
        try:
            plain = reader.decompress(body, _MOST)
            body = plain if reader.eof else body
        except zlib.error:
            pass
    return body.decode(errors="replace")
