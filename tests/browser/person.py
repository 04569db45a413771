"""Somebody at a browser: goes to pages, reads, types, presses; every page on the way is looked at by axe."""

from __future__ import annotations

from pathlib import Path
from typing import Any

AXE = (Path(__file__).parents[1] / "vendor" / "axe-core-4.14.1" / "axe.min.js").read_text(encoding="utf-8")
LOOK = """() => axe.run(document, {resultTypes: ['violations']}).then(found => found.violations
  .filter(v => ['serious', 'critical'].includes(v.impact))
  .map(v => v.id + ': ' + v.nodes.slice(0, 3).map(n => n.target.join(' ')).join(' | ')))"""


class Person:
    def __init__(self, browser: Any, address: str, *, language: str) -> None:
        self.address, self.language = address, language
        self.context = browser.new_context(viewport={"width": 1280, "height": 900}, reduced_motion="reduce")
        self.context.set_default_timeout(10_000)
        self.context.add_cookies([{"name": "lang", "value": language, "url": address}])
        self.page = self.context.new_page()
        self.errors: list[str] = []
        self.looked: set[str] = set()
        self.page.on("console", lambda said: self.errors.append(f"{self.page.url}: {said.text}") if said.type == "error" else None)
        self.page.on("pageerror", lambda error: self.errors.append(f"{self.page.url}: {error}"))

    # --- going ---------------------------------------------------------------------------------------------------------

    def sign_in(self, mail: str, password: str) -> None:
        self.go("/account/sign-in")
        self.page.fill("[name=mail]", mail)
        self.page.fill("[name=password]", password)
        self.press({"ko": "로그인", "en": "Sign in"}[self.language])
        assert "sign-in" not in self.page.url

    def go(self, path: str) -> None:
        answer = self.page.goto(path if path.startswith("http") else self.address + path)
        assert answer is not None and answer.status < 400, f"{path}: {answer and answer.status}"
        self.look()

    def follow(self, name: str, *, within: str = "body", nth: int = 0) -> None:
        """Click a link by its words."""
        with self.page.expect_navigation():
            self.page.locator(within).get_by_role("link", name=name).nth(nth).click()
        self.look()

    def press(self, name: str, *, within: str = "main", nth: int = 0) -> None:
        """Press a button by its words; the page that answers is looked at."""
        with self.page.expect_navigation():
            self.page.locator(within).get_by_role("button", name=name).nth(nth).click()
        self.look()

    def tab_to(self, name: str, *, role: str = "button", most: int = 80) -> None:
        """Reach something by the Tab key alone."""
        target = self.page.get_by_role(role, name=name).first
        for _ in range(most):
            if target.evaluate("e => e === document.activeElement"):
                return
            self.page.keyboard.press("Tab")
        raise AssertionError(f"{role} {name!r} is not reached by {most} Tabs on {self.page.url}")

    # --- reading -------------------------------------------------------------------------------------------------------

    def reads(self, *words: str) -> None:
        """These words stand on the page, for eyes."""
        text = self.text
        for word in words:
            assert word in text, f"{word!r} is not on {self.page.url}:\n{text[:3000]}"

    @property
    def text(self) -> str:
        return " ".join(self.page.locator("body").inner_text().split())

    @property
    def heading(self) -> str:
        return " ".join(self.page.locator("h1").inner_text().split())

    # --- what every page must be ----------------------------------------------------------------------------------------

    def look(self) -> None:
        """One heading, the right language, nothing serious for axe; once for each address."""
        page, where = self.page, self.page.url.partition("?")[0]
        page.wait_for_load_state("load")
        assert page.locator("h1").count() == 1, f"{where} has {page.locator('h1').count()} h1"
        assert page.locator("html").get_attribute("lang") == self.language, where
        if where not in self.looked:
            self.looked.add(where)
            page.evaluate(AXE)
            assert page.evaluate(LOOK) == [], where

    def leave(self) -> None:
        self.context.close()
        assert self.errors == []
