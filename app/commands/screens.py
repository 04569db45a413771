"""`ppir screens`: a picture of every page in both languages, taken by a real browser, and what is wrong with each page.

The pages are those of the demonstration in the data folder; without one, of a small demonstration made for this run.
"""

from __future__ import annotations

import argparse
import base64
import dataclasses
import os
import shutil
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Thread
from typing import Any

from flask import Flask
from werkzeug.serving import WSGIRequestHandler, make_server

from app import i18n
from app.commands.gallery import GROUPS, Gallery, group_of
from app.commands.terminal import Meter, open_database, say
from app.commands.walking import Found, Page, Reader, routes, walk
from app.db import Database
from app.demo import make
from app.factory import create_app
from config import LANGUAGES, Config

WIDTH, HEIGHT, TALLEST, QUALITY = 1280, 900, 1000, 30
NARROW = 320  # the least a page must fit; only looked at for what sticks out
SMALL = {"n_experts": 400, "n_dossiers": 40}
CHROMIUM = ("chromium", "chromium-browser", "google-chrome")
EXTERNAL = ("health",)  # routes that answer machines
LOOK = """known => {
  const seen = e => { const b = e.getBoundingClientRect(); return b.width > 0 && b.height > 0; };
  const words = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const e = walker.currentNode.parentElement, text = walker.currentNode.data.trim();
    if (text && e && !e.closest('script, style, code, pre, [lang=en]') && seen(e)) words.push(text);
  }
  const wide = [...document.querySelectorAll('main *')].filter(e => {
    const b = e.getBoundingClientRect();
    return b.right > document.documentElement.clientWidth + 1 && !e.closest('.table-scroll, .unseen, .roles-nav, .subnav');
  }).slice(0, 2).map(e => e.tagName.toLowerCase() + (e.className ? '.' + String(e.className).split(' ').join('.') : ''));
  const title = document.querySelector('h1');
  return {
    headings: document.querySelectorAll('h1').length, title: title ? title.innerText.trim() : '',
    bare: document.querySelectorAll('main table:not(:has(caption))').length,
    overflow: document.documentElement.scrollWidth - document.documentElement.clientWidth,
    wide, height: document.documentElement.scrollHeight, words: words.filter(w => known.includes(w)),
  };
}"""


def add(commands: Any) -> None:
    parser = commands.add_parser("screens", help="a picture of every page in both languages, and what is wrong with each")
    parser.add_argument("--out", type=Path, default=Path("docs/screens"), help="folder of the pictures (default: docs/screens)")
    parser.add_argument("--group", choices=tuple(GROUPS), help="only the pages of one group of users")
    parser.add_argument("--only", default="", help="only routes whose name contains this")
    parser.add_argument("--missing", action="store_true", help="only what has no picture yet, such as after a stop")
    parser.add_argument("--width", type=int, default=WIDTH, help=f"of the window, in pixels (default: {WIDTH})")
    parser.add_argument("--kind", choices=("webp", "png", "jpeg"), default="webp")
    parser.add_argument("--chromium", help="the browser's program, where it has another name")
    parser.set_defaults(run=_screens)


def _screens(args: argparse.Namespace, config: Config) -> int:
    try:
        from playwright.sync_api import sync_playwright
    except ModuleNotFoundError:
        say('The pictures need playwright: pip install -e ".[test]"')
        return 1
    chromium = args.chromium or next(filter(None, map(shutil.which, CHROMIUM)), None)
    if chromium is None:
        say("The pictures need Chromium: install it, or say where it is with --chromium.")
        return 1
    began, gallery = time.monotonic(), Gallery(args.out, args.kind)
    with _demonstration(config) as shown, _served(shown) as (app, address), sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"] if os.geteuid() == 0 else [])
        visits = Visits(browser, address, args.width)
        meter = Meter("pages met")
        host = address.removeprefix("http://")
        found = walk(app.url_map, visits.readers(_who(args.group)), host=host, tell=meter)
        meter.close()
        problems = _of_the_walk(app, found, args.group)
        pages = [page for page in found.fullest() if _wanted(page, args.group, args.only)]
        meter = Meter("pictures")
        for n, page in enumerate(pages, 1):
            if not (args.missing and gallery.has(page.endpoint)):
                problems += visits.both(page, gallery)
            meter(n, len(pages), page.endpoint)
        meter.close()
        browser.close()
    if not (args.group or args.only):
        gallery.keep_only(page.endpoint for page in pages)
    gallery.write_index()
    taken = f"{len(pages)} pages in {len(LANGUAGES)} languages, {gallery.size() / 1e6:.1f} MB in {args.out}"
    say(f"{taken} ({time.monotonic() - began:.0f} s)")
    for problem in problems:
        say(f"  {problem}")
    return 1 if problems else 0


def _who(group: str | None) -> list[str]:
    """The accounts that see the pages of a group; everybody, where no group is asked for."""
    return [mail for mail, roles, _ in make.accounts() if group is None or GROUPS[group].role in ("", *roles.split(", "))]


def _wanted(page: Page, group: str | None, only: str) -> bool:
    return not page.endpoint.startswith(EXTERNAL) and only in page.endpoint and group in (None, group_of(page.endpoint))


@contextmanager
def _demonstration(config: Config) -> Iterator[Config]:
    """The data folder, where it holds a demonstration; else a small one that goes away again."""
    if not config.embedded_database or (config.data_dir / "ppir.sqlite").exists():
        if make.exists(database := open_database(config)):
            yield config
            return
        database.dispose()
    with TemporaryDirectory() as folder:
        data = Path(folder)
        url = f"sqlite:///{data / 'ppir.sqlite'}"
        small = dataclasses.replace(config, data_dir=data, database_url=url, redis_url=None, smtp_url=None)
        database = open_database(small)
        began, meters = time.monotonic(), dict[str, Meter]()
        make.make(small, database, lambda part, done, total: meters.setdefault(part, Meter(part))(done, total), **SMALL)
        say(f"a small demonstration was made ({time.monotonic() - began:.0f} s)")
        database.dispose()
        yield small


class Quiet(WSGIRequestHandler):
    def log(self, type: str, message: str, *args: Any) -> None:
        pass


@contextmanager
def _served(config: Config) -> Iterator[tuple[Flask, str]]:
    app = create_app(dataclasses.replace(config, base_url="http://127.0.0.1", secure_cookies=False))
    server = make_server("127.0.0.1", 0, app, threaded=True, request_handler=Quiet)
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield app, f"http://127.0.0.1:{server.port}"
    server.shutdown()
    thread.join()
    database: Database = app.extensions["ppir"].database
    database.dispose()


def _of_the_walk(app: Flask, found: Found, group: str | None) -> list[str]:
    unmet = sorted(routes(app.url_map) - found.answered)
    return [f"{page.endpoint}: {page.status} at {page.path} for {page.account or 'a visitor'}" for page in found.broken] + [
        f"{endpoint}: no account and no link leads there"
        for endpoint in unmet
        if not endpoint.startswith(EXTERNAL) and group in (None, group_of(endpoint))
    ]


class Visits:
    """One browser context and one window for each account, signed in once by the form that people use."""

    def __init__(self, browser: Any, address: str, width: int) -> None:
        self.browser, self.address, self.width = browser, address, width
        self.windows: dict[str, Any] = {}
        self.said: list[str] = []  # what the browser complains about on the page at hand
        self.english = _msgids()

    def readers(self, mails: Sequence[str]) -> Iterator[tuple[str, Reader]]:
        for mail in [*mails, ""]:
            yield mail, self._reader(mail)

    def window(self, mail: str) -> Any:
        if mail not in self.windows:
            context = self.browser.new_context(viewport={"width": self.width, "height": HEIGHT}, reduced_motion="reduce")
            page = self.windows[mail] = context.new_page()
            if mail:
                page.goto(f"{self.address}/account/sign-in")
                page.fill("[name=mail]", mail)
                page.fill("[name=password]", make.password())
                page.press("[name=password]", "Enter")
                page.wait_for_url(lambda url: "sign-in" not in url)
            page.on("console", self._console)
            page.on("pageerror", lambda error: self.said.append(f"script: {error}"))
        return self.windows[mail]

    def _console(self, said: Any) -> None:
        if said.type in ("error", "warning"):
            self.said.append(f"console: {said.text}")

    def _reader(self, mail: str) -> Reader:
        request = self.window(mail).context.request

        def read(path: str) -> tuple[int, str, str]:
            answer = request.get(self.address + path, max_redirects=0)
            kind = answer.headers.get("content-type", "").partition(";")[0]
            if 300 <= answer.status < 400:
                return answer.status, kind, answer.headers.get("location", "/")
            return answer.status, kind, answer.text() if kind == "text/html" else ""

        return read

    def both(self, at: Page, gallery: Gallery) -> list[str]:
        """Takes the page in every language and says what it does wrong."""
        window, wrong = self.window(at.account), list[str]()
        for language in LANGUAGES:
            window.context.add_cookies([{"name": "lang", "value": language, "url": self.address}])
            self.said = []
            window.goto(self.address + at.path, wait_until="load")
            window.evaluate("document.fonts.ready.then(() => 1)")
            seen = window.evaluate(LOOK, self.english if language == "ko" else [])
            gallery.put(at.endpoint, language, str(seen["title"]), _taken(window, gallery.kind, seen["height"], self.width))
            window.set_viewport_size({"width": NARROW, "height": HEIGHT})
            narrow = window.evaluate(LOOK, [])
            window.set_viewport_size({"width": self.width, "height": HEIGHT})
            wrong += [f"{at.endpoint} ({language}): {text}" for text in [*self.said, *_faults(seen, narrow)]]
        return wrong


def _faults(seen: dict[str, Any], narrow: dict[str, Any]) -> Iterator[str]:
    if seen["headings"] != 1:
        yield f"{seen['headings']} h1"
    if seen["bare"]:
        yield f"{seen['bare']} tables without a caption"
    if seen["overflow"] > 0:
        yield f"{seen['overflow']} px wider than the window: {', '.join(seen['wide'])}"
    if narrow["overflow"] > 0:
        yield f"{narrow['overflow']} px wider than a telephone: {', '.join(narrow['wide'])}"
    yield from (f"English on the Korean page: {text!r}" for text in dict.fromkeys(seen["words"]))


def _taken(window: Any, kind: str, height: int, width: int) -> bytes:
    clip = {"x": 0, "y": 0, "width": width, "height": min(max(height, 600), TALLEST), "scale": 1}
    session = window.context.new_cdp_session(window)
    quality = {} if kind == "png" else {"quality": QUALITY}
    taken = session.send("Page.captureScreenshot", {"format": kind, "clip": clip, "captureBeyondViewport": True, **quality})
    session.detach()
    return base64.b64decode(taken["data"])


def _msgids() -> list[str]:
    """English texts that have a Korean one: none of them may stand on a Korean page."""
    korean: dict[Any, Any] = getattr(i18n.catalogue("ko"), "_catalog", {})
    pairs = ((key[0] if isinstance(key, tuple) else key, text) for key, text in korean.items())
    return sorted({key for key, text in pairs if len(key) > 4 and text != key})
