"""Headers that protect browsers, on every answer; and which other pages may call the API.

The policy lets pages load nothing from outside and run no inline script. Inline styles stay allowed because the
component library and the API browser set them.
"""

from __future__ import annotations

from collections.abc import Iterable

POLICY = ("default-src 'self'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; "
          "font-src 'self' data:; connect-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; "
          "frame-ancestors 'none'")
SECURITY_HEADERS: tuple[tuple[str, str], ...] = (
    ("Content-Security-Policy", POLICY),
    ("X-Content-Type-Options", "nosniff"),
    ("X-Frame-Options", "DENY"),
    ("Referrer-Policy", "same-origin"),
    ("Permissions-Policy", "camera=(), geolocation=(), microphone=(), payment=(), usb=()"),
    ("Cross-Origin-Opener-Policy", "same-origin"),
    ("Cross-Origin-Resource-Policy", "same-origin"),
)
FRAMING_HEADERS = tuple(one for one in SECURITY_HEADERS if one[0] in (
    "Content-Security-Policy", "X-Frame-Options", "Referrer-Policy", "Cross-Origin-Opener-Policy",
    "Cross-Origin-Resource-Policy"))
STRICT_TRANSPORT = ("Strict-Transport-Security", "max-age=31536000")

CORS_METHODS = "GET, HEAD, POST, PUT, PATCH, DELETE"
CORS_REQUEST_HEADERS = "Authorization, Content-Type, Accept-Language, If-Match, Idempotency-Key, X-Request-ID"
CORS_ANSWER_HEADERS = "ETag, Location, Retry-After, X-Request-ID, Content-Disposition"

Headers = list[tuple[str, str]]


def allowed_origins(setting: str) -> frozenset[str]:
    """Read the setting `cors_origins`."""
    return frozenset(origin.strip().rstrip("/") for origin in setting.split(",") if origin.strip())


def with_security_headers(headers: Iterable[tuple[str, str]], https: bool) -> Headers:
    """Return an answer's headers with ours added where the answer has none of that name."""
    present = list(headers)
    names = {name.lower() for name, _ in present}
    ours = (*SECURITY_HEADERS, STRICT_TRANSPORT) if https else SECURITY_HEADERS
    if any(name.lower() == "content-security-policy" and "frame-ancestors" in value for name, value in present):
        names |= {name.lower() for name, _ in FRAMING_HEADERS}  # the answer has decided who may embed it
    return present + [(name, value) for name, value in ours if name.lower() not in names]


def with_cors_headers(headers: Headers, origin: str) -> Headers:
    """Return headers that let a page of an allowed origin read the answer."""
    kept = [(name, value) for name, value in headers if name.lower() != "cross-origin-resource-policy"]
    return [*kept, ("Access-Control-Allow-Origin", origin), ("Vary", "Origin"),
            ("Access-Control-Expose-Headers", CORS_ANSWER_HEADERS)]


PREFLIGHT_HEADERS: tuple[tuple[str, str], ...] = (
    ("Access-Control-Max-Age", "600"), ("Access-Control-Allow-Methods", CORS_METHODS),
    ("Access-Control-Allow-Headers", CORS_REQUEST_HEADERS))
