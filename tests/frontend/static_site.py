"""A tiny server for tests of the scripts alone: the static files, and test pages made of a body, under the real CSP."""

from __future__ import annotations

import json
import mimetypes
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import urlsplit

ROOT = Path(__file__).resolve().parents[2]
STATIC_FOLDERS = (ROOT / "frontend" / "static", ROOT / "shop_assistant" / "static")
CSP = (
    "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self' data: https:; connect-src 'self'; "
    "base-uri 'none'; object-src 'none'"
)


@dataclass
class Site:
    """The running server: `pages` maps a path to HTML."""

    url: str
    pages: dict[str, str] = field(default_factory=dict)


def page(
    body: str,
    *,
    lang: str = "en",
    styles: tuple[str, ...] = (),
    module: str = "",
    data: object = None,
    body_class: str = "",
) -> str:
    """Return a page in the shape of base.html: tokens, parts, the JSON block and one module."""
    links = "".join(
        f'<link rel="stylesheet" href="/static/frontend/{name}.css">' for name in ("tokens", "parts", *styles)
    )
    script = f'<script type="module" src="/static/frontend/{module}.js"></script>' if module else ""
    block = json.dumps({"api": "/api/v1/shops/meis-shelf", "csrf": "token", **(data or {})})
    data_block = f'<script type="application/json" id="page-data">{block}</script>'
    return (
        f'<!doctype html><html lang="{lang}"><head><meta charset="utf-8">'
        f'<meta name="viewport" content="width=device-width, initial-scale=1">{links}</head>'
        f'<body class="{body_class}">{body}{data_block}{script}</body></html>'
    )


@contextmanager
def serve() -> Iterator[Site]:
    """Serve on a free port of this machine until the block ends."""
    site = Site(url="")

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            path = urlsplit(self.path).path
            if path in site.pages:
                return self._answer("text/html; charset=utf-8", site.pages[path].encode())
            for folder in STATIC_FOLDERS:
                found = folder / path.removeprefix("/static/")
                if path.startswith("/static/") and found.is_file():
                    return self._answer(mimetypes.guess_type(path)[0] or "text/plain", found.read_bytes())
            return self.send_error(404)

        def _answer(self, content_type: str, body: bytes) -> None:
            self.send_response(200)
            self.send_header("Content-Type", content_type)
            self.send_header("Content-Security-Policy", CSP)
            self.send_header("Cache-Control", "no-store")
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            """Keep the test output quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    site.url = f"http://127.0.0.1:{server.server_address[1]}"
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield site
    finally:
        server.shutdown()
