"""Taking secrets out of a text by their values, and what looks like the address of a person by its form."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from urllib.parse import quote, urlsplit

SECRET, PERSONAL = "[secret]", "[personal]"
SHORTEST = 6  # shorter values would be found in innocent words
_SECRET_LINE = re.compile(r"^[\w-]*(?:pass|secret|key)[\w-]*\s*=\s*(\S+)$", re.MULTILINE)
# What systemd calls its units looks like an address.
_EMAIL = re.compile(r"[\w.+-]+@(?![\w-]+\.(?:service|timer)\b)[\w-]+(?:\.[\w-]+)+")
_PHONE = re.compile(r"(?<![\w.:/-])(?:\+\d[\d -]{7,16}\d|1[3-9]\d{9})(?![\w.:-])")


class Scrubber:
    """Replaces the values that it was made with."""

    def __init__(self, values: Iterable[str]) -> None:
        forms = {form for value in values if len(value) >= SHORTEST for form in _forms(value)}
        self._forms = sorted(forms, key=len, reverse=True)
        self._pattern = re.compile("|".join(map(re.escape, self._forms))) if forms else None

    def clean(self, text: str) -> str:
        """The text without secrets and without addresses of people."""
        if self._pattern:
            text = self._pattern.sub(SECRET, text)
        return _PHONE.sub(PERSONAL, _EMAIL.sub(PERSONAL, text))

    def finds(self, data: bytes) -> bool:
        """Whether a secret stands in these bytes."""
        return any(form.encode() in data for form in self._forms)


def secrets_below(folder: Path) -> set[str]:
    """Every value that a folder of secrets holds; certificates and public keys are none."""
    files = sorted(path for path in folder.rglob("*") if path.is_file() and path.suffix not in (".crt", ".pub"))
    return {value for file in files for value in _values(file.read_bytes()) if value and not value.isdigit()}


def _values(data: bytes) -> Iterator[str]:
    """What is secret in a file: hashes of logins, lines of a key, values of a configuration, or all of it."""
    try:
        text = data.decode().strip()
    except UnicodeDecodeError:
        yield from (data.hex(), base64.b64encode(data).decode().rstrip("="))
        return
    if text.startswith("{"):
        yield from (value for user in json.loads(text).get("users", []) for name, value in user.items()
                    if name == "password_hash")
    elif text.startswith("-----BEGIN"):
        yield from (line for line in text.splitlines() if not line.startswith("-----"))
    elif "\n" in text:
        yield from _SECRET_LINE.findall(text)
    else:
        yield from (text, urlsplit(text).password or "" if "://" in text else "")


def _forms(value: str) -> Iterator[str]:
    """How a value may stand in a text: as it is, in a URL, in JSON, in base64."""
    yield value
    yield quote(value, safe="")
    yield json.dumps(value)[1:-1]
    yield base64.b64encode(value.encode()).decode().rstrip("=")
