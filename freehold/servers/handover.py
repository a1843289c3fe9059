"""What the company's own administrators run, once, when database and broker are theirs.

Nobody has to give Freehold an administrator's login, and nobody is told a password: PostgreSQL takes a SCRAM verifier
(RFC 5803) and RabbitMQ a salted hash in its place. So both texts may go by mail.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from collections.abc import Iterable
from string import Template

from sqlalchemy.engine import URL, make_url

_ROUNDS = 4096
_HEAD = """-- Logins and databases of Freehold, for PostgreSQL 15 or newer. No password can be read from it.
--     psql -X -v ON_ERROR_STOP=1 -f postgresql.sql postgres
-- Needs a superuser, or a login that may create roles and databases.
"""
_OF_ONE = Template("""
SELECT 'CREATE ROLE "$login"' WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '$login') \\gexec
ALTER ROLE "$login" LOGIN PASSWORD '$verifier';
GRANT "$login" TO CURRENT_USER;
SELECT 'CREATE DATABASE "$database" OWNER "$login" ENCODING ''UTF8'' TEMPLATE template0'
    WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = '$database') \\gexec
REVOKE ALL ON DATABASE "$database" FROM PUBLIC;
""")


def database_script(urls: Iterable[str]) -> str:
    """The SQL, for psql, that makes the login and the database of each address."""
    return _HEAD + "".join(_of_one(make_url(url)) for url in urls)


def _of_one(url: URL) -> str:
    return _OF_ONE.substitute(login=url.username, database=url.database, verifier=verifier(str(url.password)))


def verifier(password: str) -> str:
    """A password as PostgreSQL stores it: `SCRAM-SHA-256$<rounds>:<salt>$<stored key>:<server key>`."""
    salt = secrets.token_bytes(16)
    salted = hashlib.pbkdf2_hmac("sha256", password.encode(), salt, _ROUNDS)
    stored = hashlib.sha256(hmac.digest(salted, b"Client Key", "sha256")).digest()
    server = hmac.digest(salted, b"Server Key", "sha256")
    salt_text, stored_text, server_text = (base64.b64encode(part).decode() for part in (salt, stored, server))
    return f"SCRAM-SHA-256${_ROUNDS}:{salt_text}${stored_text}:{server_text}"
