"""Finds every page there is: from the homes of all accounts along the links, until each route has been met."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Protocol
from urllib.parse import parse_qsl, urlencode, urljoin, urlsplit

from werkzeug.exceptions import HTTPException
from werkzeug.routing import Map, MapAdapter, RequestRedirect

EACH = 8  # pages of one route that are opened in search of the fullest
SAME_PAGE = {"lang", "page", "sort"}  # these show the same page in another order or language
SKIPPED = {"static"}
ADDRESS = re.compile(r"https?://[^\s<>\"]+")


class Reader(Protocol):
    def __call__(self, path: str) -> tuple[int, str, str]:
        """Status, content type and text of what a signed-in account gets at this path."""


@dataclass(frozen=True)
class Page:
    account: str  # the sign-in name that sees it; empty: nobody signed in
    endpoint: str
    path: str
    status: int
    kind: str
    size: int


@dataclass
class Found:
    """Every page met, by route, in the order of meeting."""

    pages: dict[str, list[Page]] = field(default_factory=lambda: defaultdict(list))
    answered: set[str] = field(default_factory=set)  # routes that gave a page, a file or the way to one
    letters: list[str] = field(default_factory=list)  # addresses that stand in letters

    def full(self, endpoint: str, account: str) -> bool:
        """A visitor's pages are counted apart: the same page may hold less for them."""
        return sum(bool(account) or not page.account for page in self.pages[endpoint]) >= EACH

    @property
    def broken(self) -> list[Page]:
        return [page for pages in self.pages.values() for page in pages if page.status >= 400]

    def fullest(self) -> list[Page]:
        """One page for each route that shows one: the longest that was met, as a visitor sees it where a visitor may."""
        shown = ([p for p in pages if p.status == 200 and p.kind == "text/html"] for pages in self.pages.values())
        return sorted((max(pages, key=lambda p: (not p.account, p.size)) for pages in shown if pages), key=lambda p: p.endpoint)


class _Links(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self.told: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag in ("a", "iframe") and (address := given.get("href") or given.get("src")):
            self.found.append(address)

    def handle_data(self, data: str) -> None:
        self.told += ADDRESS.findall(data)


def routes(urls: Map) -> set[str]:
    """The endpoints a browser can open."""
    return {rule.endpoint for rule in urls.iter_rules() if "GET" in (rule.methods or ())} - SKIPPED


def walk(urls: Map, readers: Iterable[tuple[str, Reader]], *, host: str, tell: Callable[[int], None] = lambda n: None) -> Found:
    """Breadth first for one account after the other; a later account only adds what was not met often enough.

    The reader without an account comes last and also opens the addresses that the letters hold.
    """
    found, adapter = Found(), urls.bind(host)
    for account, read in readers:
        seen: set[str] = set()
        guessed = {*_plain(urls), *([] if account else found.letters)}  # no page of this account promised these
        queue = ["/", "/account/start", *sorted(guessed)]
        while queue:
            path = _canonical(queue.pop(0))
            endpoint = _endpoint(adapter, path)
            if endpoint is None or path in seen or found.full(endpoint, account):
                continue
            seen.add(path)
            status, kind, text = read(path)
            if status >= 400 and path in guessed:
                continue  # a page of another role, or a link that was used long ago
            if 300 <= status < 400:
                found.answered |= {endpoint} if account else set()
                queue += _own([text], path, host)
                continue
            found.answered |= {endpoint} if status < 300 else set()
            found.pages[endpoint].append(Page(account, endpoint, path, status, kind, len(text)))
            tell(sum(map(len, found.pages.values())))
            if kind == "text/html":
                links = _Links()
                links.feed(text)
                queue += _own(links.found, path, host)
                found.letters += _own(links.told, path, host)
    return found


def _plain(urls: Map) -> list[str]:
    """Routes without any variable need no link to be found."""
    return sorted(str(rule) for rule in urls.iter_rules() if not rule.arguments and "GET" in (rule.methods or ()))


def _endpoint(adapter: MapAdapter, path: str) -> str | None:
    try:
        endpoint = str(adapter.match(path.partition("?")[0], method="GET")[0])
    except (HTTPException, RequestRedirect):
        return None
    return None if endpoint in SKIPPED else endpoint


def _canonical(path: str) -> str:
    plain, _, query = path.partition("?")
    kept = [(name, value) for name, value in parse_qsl(query) if name not in SAME_PAGE]
    return f"{plain}?{urlencode(kept)}" if kept else plain


def _own(addresses: Iterable[str], path: str, host: str) -> list[str]:
    """The paths of those addresses that lead to this installation."""
    parts = [urlsplit(urljoin(f"http://{host}{path}", address)) for address in addresses]
    here = {host.partition(":")[0], "127.0.0.1", "localhost"}
    return [p.path + (f"?{p.query}" if p.query else "") for p in parts if p.hostname in here]
