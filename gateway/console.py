"""The console's files: the built single-page application and the API browser beside it.

Files with a digest in their name (`assets/`) are kept by browsers for ever, everything else is asked for again. A
precompressed neighbour (`.br`, `.gz`) is sent to those who take it; without one, text is compressed once and kept.
An address that is no file gets `index.html`, where the console's own router goes on.
"""

from __future__ import annotations

import gzip
import mimetypes
from functools import lru_cache
from pathlib import Path

from flask import Response, request
from werkzeug.exceptions import NotFound
from werkzeug.security import safe_join
from werkzeug.utils import send_file

IMMUTABLE = "public, max-age=31536000, immutable"
REVALIDATE = "no-cache"
_ENCODINGS = (("br", ".br"), ("gzip", ".gz"))
_COMPRESSIBLE = frozenset({"text/html", "text/css", "text/javascript", "application/javascript", "application/json",
                           "image/svg+xml", "application/manifest+json"})
_SMALLEST_TO_COMPRESS = 1024

NOT_BUILT = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Freehold</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<style>body{font:16px/1.6 system-ui,sans-serif;max-width:38rem;margin:12vh auto;padding:0 1.5rem;color:#1f2a24}
code{background:#eef2ee;padding:.1em .35em;border-radius:4px}</style></head>
<body><h1>Freehold is running</h1>
<p>The console has not been built on this machine. Run <code>make console</code>, then load this page again.
The API answers already: <a href="/api/openapi.json">description</a>.</p>
<p lang="zh-CN">服务已经启动，但这台机器上还没有构建控制台。请运行 <code>make console</code>，然后刷新本页。
接口已经可用：<a href="/api/openapi.json">接口说明</a>。</p></body></html>
"""


class ConsoleFiles:
    """Answers requests for the files of one folder."""

    def __init__(self, folder: Path | None) -> None:
        self._folder = folder

    def page(self, path: str) -> Response:
        """Return a file, the application's page for an address that is none, or the page that tells what is missing."""
        if self._folder is None:
            return Response(NOT_BUILT, 200, content_type="text/html; charset=utf-8")
        file = self._find(path or "index.html")
        if file is not None:
            return self._send(file, IMMUTABLE if path.startswith("assets/") else REVALIDATE)
        if "text/html" not in request.accept_mimetypes.values() or path.startswith("assets/"):
            raise NotFound
        return self._send(self._folder / "index.html", REVALIDATE)

    def _find(self, path: str) -> Path | None:
        joined = safe_join(str(self._folder), path)
        file = Path(joined) if joined else None
        if file is not None and (file / "index.html").is_file():
            file = file / "index.html"
        return file if file is not None and file.is_file() and not file.name.startswith(".") else None

    def _send(self, file: Path, caching: str) -> Response:
        kind = mimetypes.guess_type(file.name)[0] or "application/octet-stream"
        response = self._compressed(file, kind) or send_file(
            file, request.environ, mimetype=kind, conditional=True, etag=True, response_class=Response)
        response.headers["Cache-Control"] = caching
        response.headers.setdefault("Vary", "Accept-Encoding")
        return response

    def _compressed(self, file: Path, kind: str) -> Response | None:
        for encoding, ending in _ENCODINGS:
            ready = file.with_name(file.name + ending)
            if request.accept_encodings[encoding] and ready.is_file():
                return self._encoded(ready.read_bytes(), encoding, kind, ready.stat().st_mtime_ns)
        changed = file.stat().st_mtime_ns
        if (kind not in _COMPRESSIBLE or not request.accept_encodings["gzip"]
                or file.stat().st_size < _SMALLEST_TO_COMPRESS):
            return None
        return self._encoded(_gzipped(file, changed), "gzip", kind, changed)

    def _encoded(self, body: bytes, encoding: str, kind: str, changed: int) -> Response:
        response = Response(body, content_type=f"{kind}; charset=utf-8" if kind.startswith("text/") else kind)
        response.headers["Content-Encoding"] = encoding
        response.set_etag(f"{changed:x}-{len(body):x}-{encoding}")
        return response.make_conditional(request.environ)  # type: ignore[return-value]


@lru_cache(maxsize=256)
def _gzipped(file: Path, changed: int) -> bytes:
    return gzip.compress(file.read_bytes(), 6, mtime=0)
