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
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Thread
from typing import Any

from flask import Flask
from werkzeug.serving import WSGIRequestHandler, make_server

from app import i18n
from app.commands.terminal import Meter, open_database, say
from app.commands.walking import Found, Page, Reader, routes, walk
from app.db import Database
from app.demo import make
from app.factory import create_app
from config import LANGUAGES, Config

WIDTH, HEIGHT, TALLEST, QUALITY = 1280, 900, 2400, 62
NARROW = 360  # what a telephone shows; only looked at for what sticks out
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
  return {
    headings: document.querySelectorAll('h1').length,
    overflow: document.documentElement.scrollWidth - document.documentElement.clientWidth,
    wide, height: document.documentElement.scrollHeight, words: words.filter(w => known.includes(w)),
  };
}"""


def add(commands: Any) -> None:
    parser = commands.add_parser("screens", help="a picture of every page in both languages, and what is wrong with each")
    parser.add_argument("--out", type=Path, default=Path("docs/screens"), help="folder of the pictures (default: docs/screens)")
    parser.add_argument("--only", default="", help="only routes whose name contains this")
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
    with _demonstration(config) as shown, _served(shown) as (app, address), sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"] if os.geteuid() == 0 else [])
        visits = Visits(browser, address)
        meter = Meter("pages met")
        host = address.removeprefix("http://")
        found = walk(app.url_map, visits.readers([mail for mail, _, _ in make.accounts()]), host=host, tell=meter)
        meter.close()
        problems = _of_the_walk(app, found)
        pages = [page for page in found.fullest() if args.only in page.endpoint and not page.endpoint.startswith(EXTERNAL)]
        meter = Meter("pictures")
        for n, page in enumerate(pages, 1):
            for language in LANGUAGES:
                problems += visits.picture(page, language, args.out, args.kind)
            meter(n, len(pages))
        meter.close()
        browser.close()
    size = sum(path.stat().st_size for path in args.out.rglob(f"*.{args.kind}"))
    say(f"{len(pages)} pages in {len(LANGUAGES)} languages, {size / 1e6:.1f} MB in {args.out}")
    for problem in problems:
        say(f"  {problem}")
    return 1 if problems else 0


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


def _of_the_walk(app: Flask, found: Found) -> list[str]:
    unmet = sorted(routes(app.url_map) - found.answered)
    return [f"{page.endpoint}: {page.status} at {page.path} for {page.account or 'a visitor'}" for page in found.broken] + [
        f"{endpoint}: no account and no link leads there" for endpoint in unmet if not endpoint.startswith(EXTERNAL)
    ]


class Visits:
    """One browser context for each account, signed in once by the form that people use."""

    def __init__(self, browser: Any, address: str) -> None:
        self.browser, self.address = browser, address
        self.contexts: dict[str, Any] = {}
        self.english = _msgids()

    def readers(self, mails: list[str]) -> Iterator[tuple[str, Reader]]:
        for mail in [*mails, ""]:
            yield mail, self._reader(mail)

    def context(self, mail: str) -> Any:
        if mail not in self.contexts:
            context = self.browser.new_context(viewport={"width": WIDTH, "height": HEIGHT}, reduced_motion="reduce")
            self.contexts[mail] = context
            if mail:
                page = context.new_page()
                page.goto(f"{self.address}/account/sign-in")
                page.fill("[name=mail]", mail)
                page.fill("[name=password]", make.password())
                page.press("[name=password]", "Enter")
                page.wait_for_url(lambda url: "sign-in" not in url)
                page.close()
        return self.contexts[mail]

    def _reader(self, mail: str) -> Reader:
        context = self.context(mail)

        def read(path: str) -> tuple[int, str, str]:
            answer = context.request.get(self.address + path, max_redirects=0)
            kind = answer.headers.get("content-type", "").partition(";")[0]
            if 300 <= answer.status < 400:
                return answer.status, kind, answer.headers.get("location", "/")
            return answer.status, kind, answer.text() if kind == "text/html" else ""

        return read

    def picture(self, at: Page, language: str, out: Path, kind: str) -> list[str]:
        """Takes the picture and says what the page does wrong."""
        context, wrong = self.context(at.account), list[str]()
        context.add_cookies([{"name": "lang", "value": language, "url": self.address}])
        page = context.new_page()
        page.on("console", lambda said: wrong.append(f"console: {said.text}") if said.type in ("error", "warning") else None)
        page.on("pageerror", lambda error: wrong.append(f"script: {error}"))
        page.goto(self.address + at.path, wait_until="load")
        page.evaluate("document.fonts.ready.then(() => 1)")
        seen = page.evaluate(LOOK, self.english if language == "ko" else [])
        if seen["headings"] != 1:
            wrong.append(f"{seen['headings']} h1")
        if seen["overflow"] > 0:
            wrong.append(f"{seen['overflow']} px wider than the window: {', '.join(seen['wide'])}")
        wrong += [f"English on the Korean page: {text!r}" for text in dict.fromkeys(seen["words"])]
        _save(context, page, out / language / f"{at.endpoint.replace('.', '-')}.{kind}", kind, seen["height"])
        page.set_viewport_size({"width": NARROW, "height": HEIGHT})
        narrow = page.evaluate(LOOK, [])
        if narrow["overflow"] > 0:
            wrong.append(f"{narrow['overflow']} px wider than a telephone: {', '.join(narrow['wide'])}")
        page.close()
        return [f"{at.endpoint} ({language}): {text}" for text in wrong]


def _save(context: Any, page: Any, path: Path, kind: str, height: int) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    clip = {"x": 0, "y": 0, "width": WIDTH, "height": min(max(height, 600), TALLEST), "scale": 1}
    session = context.new_cdp_session(page)
    quality = {} if kind == "png" else {"quality": QUALITY}
    taken = session.send("Page.captureScreenshot", {"format": kind, "clip": clip, "captureBeyondViewport": True, **quality})
    path.write_bytes(base64.b64decode(taken["data"]))


def _msgids() -> list[str]:
    """English texts that have a Korean one: none of them may stand on a Korean page."""
    korean: dict[Any, Any] = getattr(i18n.catalogue("ko"), "_catalog", {})
    pairs = ((key[0] if isinstance(key, tuple) else key, text) for key, text in korean.items())
    return sorted({key for key, text in pairs if len(key) > 4 and text != key})
