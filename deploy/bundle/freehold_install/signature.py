"""The signature of a bundle, in the format of `ssh-keygen -Y sign` (OpenSSH's PROTOCOL.sshsig), Ed25519 keys only.

Any machine with OpenSSH can check it as well, without this program:

    ssh-keygen -Y check-novalidate -n freehold-bundle -s SHA256SUMS.sig < SHA256SUMS
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import struct

from freehold_install.ed25519 import is_signed

NAMESPACE = b"freehold-bundle"
MAGIC = b"SSHSIG"
HEAD, FOOT = "-----BEGIN SSH SIGNATURE-----", "-----END SSH SIGNATURE-----"


class SignatureError(Exception):
    """The text is no signature, or not one of this message."""


def signer_of(message: bytes, armoured: str) -> str:
    """The fingerprint (`SHA256:…`, as OpenSSH prints it) of the key that signed; raises SignatureError."""
    key, digest_name, signature = _parts(armoured)
    if digest_name not in ("sha512", "sha256"):
        raise SignatureError(f"the signature uses the unknown digest {digest_name}")
    digest = hashlib.new(digest_name, message).digest()
    signed = MAGIC + b"".join(_string(part) for part in (NAMESPACE, b"", digest_name.encode(), digest))
    if not is_signed(_ed25519(key), signed, _ed25519(signature)):
        raise SignatureError("the signature does not belong to this list of files")
    return fingerprint(key)


def fingerprint(key: bytes) -> str:
    """How OpenSSH names a public key."""
    return "SHA256:" + base64.b64encode(hashlib.sha256(key).digest()).decode().rstrip("=")


def _parts(armoured: str) -> tuple[bytes, str, bytes]:
    """(public key, name of the digest, signature) of an armoured signature in our namespace."""
    blob = _unarmoured(armoured)
    if blob[:6] != MAGIC or blob[6:10] != b"\0\0\0\1":
        raise SignatureError("this is no signature of OpenSSH, version 1")
    fields = _strings(blob[10:])
    if len(fields) != 5:
        raise SignatureError("the signature is cut short")
    key, namespace, _, digest_name, signature = fields
    if namespace != NAMESPACE:
        raise SignatureError("the signature was made for another purpose")
    return key, digest_name.decode("ascii", "replace"), signature


def _unarmoured(text: str) -> bytes:
    lines = text.strip().splitlines()
    if not lines or lines[0] != HEAD or lines[-1] != FOOT:
        raise SignatureError("this is no signature of OpenSSH")
    try:
        return base64.b64decode("".join(lines[1:-1]), validate=True)
    except binascii.Error:
        raise SignatureError("the signature is not readable") from None


def _ed25519(blob: bytes) -> bytes:
    fields = _strings(blob)
    if len(fields) != 2 or fields[0] != b"ssh-ed25519":
        raise SignatureError("only Ed25519 keys sign a bundle")
    return fields[1]


def _strings(blob: bytes) -> list[bytes]:
    found = []
    while blob:
        if len(blob) < 4:
            raise SignatureError("the signature is cut short")
        (size,) = struct.unpack(">I", blob[:4])
        if size > len(blob) - 4:
            raise SignatureError("the signature is cut short")
        found.append(blob[4 : 4 + size])
        blob = blob[4 + size :]
    return found


def _string(data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + data
