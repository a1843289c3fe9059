"""A complete nginx configuration from the routing table.

Requests for a service go straight to it, without the prefix; sign-in and administration go to the gateway; the
console's files are served from disk. What the Flask front does (refused paths, limits, headers, problems as JSON) the
configuration does too, so that both fronts pass the same tests. Needs nginx 1.18 or newer, no extra module.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from limits import parse

from chassis.jsonio import dumps
from chassis.settings import Settings
from gateway.edge.problems import REFUSED_PAGE, problem_locations, problem_maps
from gateway.proxy.headers import INTERNAL_HEADERS
from gateway.routing import ROUTES, SERVICES, Route
from gateway.security import (
    CORS_ANSWER_HEADERS,
    CORS_METHODS,
    CORS_REQUEST_HEADERS,
    FRAMING_HEADERS,
    SECURITY_HEADERS,
    STRICT_TRANSPORT,
    allowed_origins,
)

_TYPES = {
    "text/html": "html", "text/css": "css", "text/plain": "txt", "application/javascript": "js mjs",
    "application/json": "json map", "application/manifest+json": "webmanifest", "image/svg+xml": "svg",
    "image/png": "png", "image/x-icon": "ico", "image/webp": "webp", "font/woff2": "woff2", "font/woff": "woff"}
_COMPRESSED = ("text/css text/plain application/javascript application/json application/problem+json "
               "application/manifest+json image/svg+xml")
_LOG_LINE = dumps({"at": "$time_iso8601", "client": "$remote_addr", "request_id": "$edge_request_id",
                   "method": "$request_method", "path": "$edge_told", "status": "$status", "bytes": "$body_bytes_sent",
                   "seconds": "$request_time", "upstream": "$upstream_addr"})
_NOTE = "# Made by `freehold edge nginx-config` from the routing table; changes here are lost."
_REFUSED = r"~*^[^?]*(//|/\.\.?(/|\?|$)|%2e|%2f|%5c|%00|\x5c)"


@dataclass(frozen=True)
class Edge:
    """Everything the configuration depends on besides the routing table."""

    upstreams: Mapping[str, Sequence[str]]  # service → "host:port" of each of its web roles
    state_dir: Path  # pid file and temporary files; nginx's user must be able to write there
    listen: str = "127.0.0.1:8080"
    server_name: str = "_"
    certificate: Path | None = None
    certificate_key: Path | None = None
    redirect_listen: str | None = None  # answers plain HTTP with a redirect
    console_dir: Path | None = None  # None: the gateway serves the console
    access_log: str = "off"
    workers: str = "auto"
    user: str = ""  # account of the worker processes when nginx is started by root
    sign_in_rate: str = "300/minute"  # of one address; empty: unlimited
    link_rate: str = "3000/minute"  # of one address; empty: unlimited
    api_rate: str = "12000/minute"  # of one token, or one address without a token; empty: unlimited
    cors_origins: str = ""
    trusted_proxies: Sequence[str] = field(default_factory=tuple)  # addresses of load balancers in front
    default_locale: str = "zh-CN"

    @property
    def https(self) -> bool:
        return self.certificate is not None


def render(upstreams: Mapping[str, Sequence[str]], state_dir: Path | str, **options: object) -> str:
    """Return the text of nginx.conf; `options` are the other members of `Edge`.

    Raises ValueError when a service has no address.
    """
    edge = Edge(upstreams, Path(state_dir), **options)  # type: ignore[arg-type]
    missing = [name for name in SERVICES if not upstreams.get(name)]
    if missing:
        raise ValueError(f"no address for {', '.join(missing)}")
    http = [*_basics(edge), *_maps(edge), *_limits(edge), *_upstreams(edge), *_proxying(), *_redirect(edge),
            *_block("server", _server(edge))]
    main = [f"user {edge.user};"] if edge.user else []
    main += [f"worker_processes {edge.workers};", f"pid {_path(edge.state_dir / 'nginx.pid')};",
             "error_log stderr warn;", "events { worker_connections 4096; }"]
    return "\n".join([_NOTE, *main, *_block("http", http), ""])


def options_of(settings: Settings) -> dict[str, str]:
    """Return the options that the gateway's own settings decide, so that both fronts act alike."""
    names = ("sign_in_rate", "link_rate", "api_rate", "cors_origins", "default_locale")
    return {name: getattr(settings, name) for name in names}


def _basics(edge: Edge) -> list[str]:
    temporary = [f"{kind}_temp_path {_path(edge.state_dir / kind)};"
                 for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")]
    return [
        *_block("types", [f"{kind} {endings};" for kind, endings in _TYPES.items()]),
        "default_type application/octet-stream;", "charset utf-8;", "server_tokens off;", "sendfile on;",
        "tcp_nopush on;", "keepalive_timeout 65s;", "client_header_timeout 15s;", "client_body_timeout 60s;",
        "send_timeout 60s;", "reset_timedout_connection on;", "large_client_header_buffers 4 16k;", *temporary,
        "gzip on;", "gzip_vary on;", "gzip_proxied any;", "gzip_min_length 1024;", f"gzip_types {_COMPRESSED};",
        f"log_format freehold escape=json '{_LOG_LINE}';",
        f"access_log {edge.access_log}{'' if edge.access_log == 'off' else ' freehold'};",
        *(f"set_real_ip_from {address};" for address in edge.trusted_proxies),
        *(["real_ip_header X-Forwarded-For;", "real_ip_recursive on;"] if edge.trusted_proxies else [])]


def _maps(edge: Edge) -> list[str]:
    services = "|".join(name for name in SERVICES if name != "gateway")
    origins = [f'"{origin}" $http_origin;' for origin in sorted(allowed_origins(edge.cors_origins))]
    return [
        *_map("$http_x_request_id", "$edge_request_id",
              ['"~^[A-Za-z0-9_.:-]{1,80}$" $http_x_request_id;', "default $request_id;"]),
        *_map("$uri", "$edge_prefix", [f'"~^/api/(?<edge_service>{services})/v1/" /api/$edge_service;', 'default "";']),
        *_map("$uri", "$edge_told", ['"~^/(?<edge_page_of>[lsu])/." "/$edge_page_of/…";', "default $uri;"]),
        *_map("$uri", "$edge_asked", [f'"{REFUSED_PAGE}" "";', "default $request_uri;"]),
        *_map("$edge_asked", "$edge_refused", [f'"{_REFUSED}" 1;', "default 0;"]),
        *_map("$http_authorization", "$edge_caller", ['"" $binary_remote_addr;', "default $http_authorization;"]),
        *_map("$http_accept", "$edge_page", ['"~text/html" /index.html;', "default /.none;"]),
        *_map("$http_origin", "$edge_origin", [*origins, 'default "";']),
        *_map("$request_method:$edge_origin:$http_access_control_request_method", "$edge_preflight",
              ['"~^OPTIONS:[^:].+:." 1;', "default 0;"]),
        *problem_maps(edge.default_locale)]


def _limits(edge: Edge) -> list[str]:
    zones = [("edge_sign_in:10m", "$binary_remote_addr", edge.sign_in_rate),
             ("edge_link:10m", "$binary_remote_addr", edge.link_rate),
             ("edge_api:20m", "$edge_caller", edge.api_rate)]
    return [*(f"limit_req_zone {key} zone={zone} rate={_rate(text)};" for zone, key, text in zones if text),
            "limit_req_status 429;", "limit_req_log_level warn;"]


def _rate(text: str) -> str:
    """Translate `60/minute` into nginx's `60r/m`; it knows whole numbers a second or a minute only."""
    limit = parse(text)
    per_second = limit.amount / limit.get_expiry()
    return f"{round(per_second)}r/s" if per_second >= 2 else f"{max(1, round(per_second * 60))}r/m"


def _upstreams(edge: Edge) -> list[str]:
    lines: list[str] = []
    for name in SERVICES:
        servers = [f"server {address} max_fails=2 fail_timeout=2s;" for address in edge.upstreams[name]]
        lines += _block(f"upstream freehold_{name}", [*servers, "keepalive 64;", "keepalive_timeout 20s;"])
    return lines


def _proxying() -> list[str]:
    """What holds for every request that goes on; a location must not set headers of its own, that would drop these."""
    passed = {"Host": "$host", "Connection": '""', "X-Request-ID": "$edge_request_id",
              "X-Forwarded-For": "$remote_addr", "X-Forwarded-Proto": "$scheme", "X-Forwarded-Host": "$host",
              "X-Forwarded-Prefix": "$edge_prefix", "Forwarded": '""', "Proxy": '""'}
    passed |= dict.fromkeys(INTERNAL_HEADERS, '""')
    written_here = [name for name, _ in (*SECURITY_HEADERS, STRICT_TRANSPORT)]
    cors = ["Access-Control-Allow-Origin", "Access-Control-Expose-Headers"]
    return ["proxy_http_version 1.1;", "proxy_connect_timeout 2s;", "proxy_send_timeout 60s;", "proxy_buffers 16 16k;",
            "proxy_buffer_size 16k;", "proxy_max_temp_file_size 0;", "proxy_next_upstream error timeout;",
            "proxy_next_upstream_tries 2;",
            *(f"proxy_set_header {name} {value};" for name, value in passed.items()),
            *(f"proxy_hide_header {name};" for name in [*written_here, *cors])]


def _redirect(edge: Edge) -> list[str]:
    if edge.redirect_listen is None:
        return []
    return _block("server", [f"listen {edge.redirect_listen};", f"server_name {edge.server_name};",
                             "return 308 https://$host$request_uri;"])


def _server(edge: Edge) -> list[str]:
    return [
        f"listen {edge.listen}{' ssl http2' if edge.https else ''};", f"server_name {edge.server_name};",
        *_tls(edge), *_headers(edge), "if ($edge_refused) { return 400; }",
        *(line for route in ROUTES for line in _route(edge, route)),
        *_block("location /healthz/", ["proxy_pass http://freehold_gateway;"]),
        *_block("location ^~ /api/", ["return 404;"]), *_block("location ^~ /v1/", ["return 404;"]),
        *_console(edge), *problem_locations(_headers(edge))]


def _tls(edge: Edge) -> list[str]:
    if edge.certificate is None or edge.certificate_key is None:
        return []
    return [f"ssl_certificate {_path(edge.certificate)};", f"ssl_certificate_key {_path(edge.certificate_key)};",
            "ssl_protocols TLSv1.2 TLSv1.3;", "ssl_ciphers HIGH:!aNULL:!MD5:!SHA1:!kRSA;",
            "ssl_prefer_server_ciphers off;", "ssl_session_cache shared:edge_tls:10m;", "ssl_session_timeout 1d;",
            "ssl_session_tickets off;"]


def _headers(edge: Edge, *more: tuple[str, str]) -> list[str]:
    """Return `add_header` lines; a level that has any of its own inherits none, so they are always written together."""
    cors = [("Access-Control-Allow-Origin", "$edge_origin"), ("Vary", "Origin"),
            ("Access-Control-Expose-Headers", CORS_ANSWER_HEADERS)] if edge.cors_origins else []
    tls = [STRICT_TRANSPORT] if edge.https else []
    return [f'add_header {name} "{value}" always;' for name, value in (*SECURITY_HEADERS, *tls, *cors, *more)]


def _route(edge: Edge, route: Route) -> list[str]:
    address = f"http://freehold_{route.service}"
    inner = route.path.removeprefix(route.stripped) if route.service != "gateway" else ""
    match = "^~" if route.is_prefix else "="
    return _block(f"location {match} {route.path}", [
        *_preflight(edge), f"client_max_body_size {route.body_bytes};", *_limit(edge, route),
        *(["proxy_buffering off;", "proxy_request_buffering off;"] if route.streaming else []),
        *(_framing(edge) if route.embeddable else []),
        f"proxy_read_timeout {route.read_seconds}s;", f"proxy_pass {address}{inner};"])


def _framing(edge: Edge) -> list[str]:
    """Let the service's own word on embedding through; what is said at this level replaces what is inherited."""
    ours = (*SECURITY_HEADERS, STRICT_TRANSPORT) if edge.https else SECURITY_HEADERS
    kept = [one for one in ours if one not in FRAMING_HEADERS]
    return [*(f'add_header {name} "{value}" always;' for name, value in kept),
            *(f"proxy_hide_header {name};" for name, _ in kept)]


def _limit(edge: Edge, route: Route) -> list[str]:
    if route.rate == "sign_in":
        return ["limit_req zone=edge_sign_in burst=20 nodelay;"] if edge.sign_in_rate else []
    if route.rate == "link":
        return ["limit_req zone=edge_link burst=400 nodelay;"] if edge.link_rate else []
    return ["limit_req zone=edge_api burst=400 nodelay;"] if edge.api_rate else []


def _preflight(edge: Edge) -> list[str]:
    if not edge.cors_origins:
        return []
    answer = _headers(edge, ("Access-Control-Allow-Methods", CORS_METHODS), ("Access-Control-Max-Age", "600"),
                      ("Access-Control-Allow-Headers", CORS_REQUEST_HEADERS))
    return _block("if ($edge_preflight)", [*answer, "return 204;"])


def _console(edge: Edge) -> list[str]:
    if edge.console_dir is None:
        return [*_block("location = /api/docs", ["proxy_pass http://freehold_gateway;"]),
                *_block("location /", ["proxy_pass http://freehold_gateway;"])]
    return [
        f"root {_path(edge.console_dir)};", "gzip_static on;",
        *_block("location = /api/docs", ["return 302 /docs/;"]),
        *_block(r"location ~ /\.", ["return 404;"]),
        *_block("location /assets/", [
            *_headers(edge, ("Cache-Control", "public, max-age=31536000, immutable")), "try_files $uri =404;"]),
        *_block("location /", [*_headers(edge, ("Cache-Control", "no-cache")),
                               "try_files $uri $uri/index.html $edge_page =404;"])]


def _map(source: str, target: str, lines: Iterable[str]) -> list[str]:
    return _block(f'map "{source}" {target}', lines)


def _block(head: str, lines: Iterable[str]) -> list[str]:
    return [f"{head} {{", *(f"    {line}" for line in lines), "}"]


def _path(path: Path) -> str:
    text = str(path)
    if any(character in text for character in "\"\\\n$;{}"):
        raise ValueError("a path holds a character that nginx would misread")
    return f'"{text}"'
