"""The edge's own errors as problem+json, in the caller's language, from the same catalogue as everywhere else."""

from __future__ import annotations

from collections.abc import Iterable

from chassis.i18n import LOCALES, add_catalogue, t

_CODES = {400: "path_refused", 404: "no_such_address", 405: "method_not_allowed", 413: "body_too_large",
          414: "address_too_long", 429: "too_many_requests", 500: "internal", 502: "edge_unreachable",
          503: "unavailable", 504: "edge_too_slow"}
REFUSED_PAGE = "/.problem/400"
_UNREADABLE = (400, 414)
_RETRY = {429: 1, 502: 2, 503: 2, 504: 2}


def problem_maps(default_locale: str) -> list[str]:
    """Return the maps that choose a language, and titles and details in it."""
    add_catalogue("chassis")
    add_catalogue("gateway")
    lines = ["map $http_accept_language $edge_locale {", '    "~*^zh" zh-CN;', '    "~*^en" en;',
             f"    default {default_locale};", "}",
             "map $request_uri $edge_path {", '    "~^(?<edge_known>/[A-Za-z0-9_./%-]*)" $edge_known;',
             "    default /;", "}"]
    for status, code in _CODES.items():
        for part in ("title", "detail"):
            lines += [f"map $edge_locale $edge_{part}_{status} {{",
                      *(f'    {locale} "{_text(code, part, locale)}";' for locale in LOCALES), "}"]
    return lines


def problem_locations(headers: Iterable[str]) -> list[str]:
    """Return a named location for each status, and the directives that lead there."""
    lines = []
    for status, code in _CODES.items():
        retry = [f"    add_header Retry-After {_RETRY[status]} always;"] if status in _RETRY else []
        lines += [*_way(status), "    types { }", *(f"    {line}" for line in headers), *retry,
                  '    add_header Cache-Control "no-store" always;',
                  '    add_header X-Request-ID "$edge_request_id" always;',
                  "    default_type application/problem+json;",
                  f"    return {status} '{_body(status, code)}';", "}"]
    return lines


def _way(status: int) -> list[str]:
    """A request that nginx could not even read has no address and cannot get to a named location."""
    if status in _UNREADABLE:
        page = REFUSED_PAGE.replace("400", str(status))
        return [f"error_page {status} {page};", f"location = {page} {{", "    internal;"]
    return [f"error_page {status} @problem_{status};", f"location @problem_{status} {{"]


def _body(status: int, code: str) -> str:
    return (f'{{"type":"urn:freehold:problem:{code}","title":"$edge_title_{status}","status":{status},'
            f'"detail":"$edge_detail_{status}","instance":"$edge_path","code":"{code}",'
            '"request_id":"$edge_request_id","errors":[]}')


def _text(code: str, part: str, locale: str) -> str:
    title = t(f"problem.{code}", locale)
    if part == "title":
        return title
    detail = t(f"problem.{code}.detail", locale)
    return title if detail == f"problem.{code}.detail" else detail
