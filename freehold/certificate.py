"""A self-signed certificate for an edge that has none yet; real installations bring their company's."""

from __future__ import annotations

import ipaddress
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

LIFETIME = timedelta(days=397)
RENEW_BEFORE = timedelta(days=30)


def ensure_certificate(folder: Path) -> tuple[Path, Path]:
    """Paths of (certificate, private key) for localhost; made anew when missing or soon out of date."""
    certificate, key = folder / "edge.crt", folder / "edge.key"
    if not key.exists() or not _is_fresh(certificate):
        make_certificate(certificate, key)
    return certificate, key


def _is_fresh(certificate: Path) -> bool:
    if not certificate.exists():
        return False
    until = x509.load_pem_x509_certificate(certificate.read_bytes()).not_valid_after_utc
    return until - RENEW_BEFORE > datetime.now(UTC)


def make_certificate(certificate: Path, key_file: Path, host: str = "localhost") -> None:
    """Write a new key (0600) and its certificate for a host and this machine's own names."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, host[:64])])
    now = datetime.now(UTC)
    signed = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + LIFETIME)
        .add_extension(_names(host), critical=False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .sign(key, hashes.SHA256())
    )
    with os.fdopen(os.open(key_file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        file.write(
            key.private_bytes(
                serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
            )
        )
    certificate.write_bytes(signed.public_bytes(serialization.Encoding.PEM))


def _names(host: str) -> x509.SubjectAlternativeName:
    here: list[x509.GeneralName] = [x509.DNSName("localhost")]
    here += [x509.IPAddress(ipaddress.ip_address(address)) for address in ("127.0.0.1", "::1")]
    wanted = _name(host)
    return x509.SubjectAlternativeName(here if wanted in here else [wanted, *here])


def _name(host: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(host))
    except ValueError:
        return x509.DNSName(host)
