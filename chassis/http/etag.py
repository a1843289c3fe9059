"""Lost updates: `ETag` is the version, `If-Match` must name it."""

from __future__ import annotations

from flask import request

from chassis.http.problem import Problem


def etag(version: int) -> str:
    """Render a version as a strong entity tag."""
    return f'"{version}"'


def expected_version() -> int | None:
    """Return the version that `If-Match` names, None when it is absent or `*`; 412 when it is none of ours."""
    header = request.headers.get("If-Match", "").strip()
    if header in ("", "*"):
        return None
    text = header.removeprefix("W/").strip('"')
    if not text.isascii() or not text.isdigit() or len(text) > 15:
        raise stale()
    return int(text)


def check_if_match(version: int) -> None:
    """Raise 412 when the caller expects another version."""
    expected = expected_version()
    if expected is not None and expected != version:
        raise stale(version)


def stale(version: int | None = None) -> Problem:
    """Return the 412 problem; `version` is the one that stands."""
    return Problem(412, "version_conflict", headers={"ETag": etag(version)} if version is not None else None)
