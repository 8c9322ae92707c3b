"""The tab's pages with their security headers. Everything is read once at the start and served from memory."""

import gzip
import mimetypes
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import Final

from aiohttp import web

WEB: Final = Path(__file__).parent / "web" / "dist"
NONCE: Final = b"__CSP_NONCE__"
MAXIMUM_FILES: Final = 500
MAXIMUM_BYTES: Final = 32 * 1024 * 1024
TEAMS: Final = "https://teams.microsoft.com https://*.teams.microsoft.com https://*.cloud.microsoft"
TEAMS_SCRIPT_DATA: Final = "https://res.cdn.office.net"
"""teams-js asks there for the list of hosts it may trust (Teams platform notes, section 3.3)."""

_COMPRESSED = frozenset({".html", ".js", ".css", ".svg", ".json", ".map", ".txt"})
_SMALL = 1024


@dataclass(frozen=True, slots=True)
class Page:
    """One file ready to be served."""

    body: bytes
    packed: bytes | None
    content_type: str
    lasting: bool
    """Its name changes with its content, so it may be kept for ever."""


def read_pages(folder: Path = WEB) -> dict[str, Page]:
    """Read the built front-end; an empty answer means that it has not been built."""
    pages: dict[str, Page] = {}
    total = 0
    for path in sorted(folder.rglob("*")) if folder.is_dir() else ():
        if not path.is_file() or path.suffix == ".map":
            continue
        body = path.read_bytes()
        total += len(body)
        if len(pages) >= MAXIMUM_FILES or total > MAXIMUM_BYTES:
            raise ValueError("the built front-end is larger than it should be")
        pages[path.relative_to(folder).as_posix()] = _page(path, body)
    return pages


def _page(path: Path, body: bytes) -> Page:
    kind = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
    packs = path.suffix in _COMPRESSED and len(body) > _SMALL and path.suffix != ".html"
    return Page(body, gzip.compress(body, 9, mtime=0) if packs else None, kind, lasting="assets" in path.parts)


class Pages:
    """Serves ``/tab/…``."""

    def __init__(self, pages: Mapping[str, Page], *, frame_self: bool, facts: Mapping[str, str] | None = None) -> None:
        """``frame_self`` lets a page of our own origin hold the tab: only for the demo and tests on this machine.

        ``facts`` fill the placeholders ``__NAME__`` of the pages.
        """
        self._pages = pages
        self._facts = {f"__{name}__".encode(): escape(value).encode() for name, value in (facts or {}).items()}
        self._ancestors = f"{TEAMS} 'self'" if frame_self else TEAMS

    def routes(self) -> list[web.RouteDef]:
        """Pages by name; ``/tab`` leads to ``/tab/``."""
        return [web.get("/tab", _to_tab), web.get("/tab/{name:.*}", self._serve)]

    async def _serve(self, request: web.Request) -> web.Response:
        name = request.match_info["name"] or "index.html"
        page = self._pages.get(name) or self._pages.get(f"{name}.html")
        if page is None and not self._pages:
            return web.Response(status=503, text="The front-end has not been built: run make.")
        if page is None:
            raise web.HTTPNotFound
        if page.content_type == "text/html":
            return self._html(page)
        return _file(page, packs="gzip" in request.headers.get("Accept-Encoding", ""))

    def _html(self, page: Page) -> web.Response:
        nonce = secrets.token_urlsafe(16)
        headers = {"Content-Security-Policy": self._policy(nonce), "Cache-Control": "no-store"}
        body = page.body.replace(NONCE, nonce.encode())
        for placeholder, fact in self._facts.items():
            body = body.replace(placeholder, fact)
        return web.Response(body=body, content_type="text/html", charset="utf-8", headers=headers)

    def _policy(self, nonce: str) -> str:
        return "; ".join((
            "default-src 'none'",
            "script-src 'self'",
            f"style-src 'self' 'nonce-{nonce}'",
            "img-src 'self' data:",
            "font-src 'self'",
            "media-src 'self' blob:",
            f"connect-src 'self' {TEAMS_SCRIPT_DATA}",
            "base-uri 'none'",
            "form-action 'none'",
            f"frame-ancestors {self._ancestors}",
        ))  # fmt: skip


def _file(page: Page, *, packs: bool) -> web.Response:
    headers = {
        "Cache-Control": "public, max-age=31536000, immutable" if page.lasting else "no-cache",
        "Vary": "Accept-Encoding",
    }
    body = page.body
    if packs and page.packed is not None:
        headers["Content-Encoding"] = "gzip"
        body = page.packed
    return web.Response(body=body, content_type=page.content_type, headers=headers)


async def _to_tab(_: web.Request) -> web.Response:
    raise web.HTTPPermanentRedirect("/tab/")
