"""Somebody at a browser: goes to pages, reads, types, presses; every page on the way is looked at by axe."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from app import i18n

AXE = (Path(__file__).parents[1] / "vendor" / "axe-core-4.14.1" / "axe.min.js").read_text(encoding="utf-8")
LOOK = """() => axe.run(document, {
    resultTypes: ['violations'],
    runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'],
    rules: {'target-size': {enabled: true}},  // WCAG 2.2 AA, off unless it is asked for
  }).then(found => found.violations.map(v => v.id + ': ' + v.nodes.slice(0, 3).map(n => n.target.join(' ')).join(' | ')))"""


class Person:
    def __init__(self, browser: Any, address: str, *, language: str) -> None:
        self.address, self.language = address, language
        self.context = browser.new_context(viewport={"width": 1280, "height": 900}, reduced_motion="reduce")
        self.context.set_default_timeout(30_000)
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
        self.press("Sign in")
        assert "sign-in" not in self.page.url

    def go(self, path: str) -> None:
        answer = self.page.goto(path if path.startswith("http") else self.address + path)
        assert answer is not None and answer.status < 400, f"{path}: {answer and answer.status}"
        self.look()

    def words(self, text: str, **values: Any) -> str:
        """The words of the interface in this person's language."""
        said = i18n.catalogue(self.language).gettext(text)
        return said % values if values else said

    def follow(self, name: str, *, within: str = "body", nth: int = 0, **values: Any) -> None:
        """Click a link by its words."""
        with self.page.expect_navigation():
            self.page.locator(within).get_by_role("link", name=self.words(name, **values)).nth(nth).click()
        self.look()

    def open_link(self, name: str) -> None:
        """Follow the link of the row that this code or name stands in."""
        with self.page.expect_navigation():
            self.page.locator("main tr", has_text=name).get_by_role("link").first.click()
        self.look()

    def press(self, name: str, *, within: str = "main", nth: int = 0, **values: Any) -> None:
        """Press a button by its words; the page that answers is looked at."""
        with self.page.expect_navigation():
            self.page.locator(within).get_by_role("button", name=self.words(name, **values)).nth(nth).click()
        self.look()

    def fill(self, **fields: str) -> None:
        for name, text in fields.items():
            self.page.fill(f"main [name={name}]", text)

    def write(self, answers: Mapping[str, Any]) -> None:
        """Answers of one section of the dossier form, each by the kind of its field."""
        for name, value in answers.items():
            if isinstance(value, list) and value and isinstance(value[0], dict):
                for column, text in value[0].items():
                    self._enter(f"{name}.{column}", text)
            elif value not in (False, []):
                self._enter(name, ", ".join(value) if isinstance(value, list) else str(value))

    def _enter(self, name: str, text: str) -> None:
        field = self.page.locator(f'main [name="{name}"]').first
        if field.evaluate("e => e.tagName") == "SELECT":
            field.select_option(text)
        else:
            field.fill(text)

    def key(self, key: str) -> None:
        """Press a key that leads to another page."""
        with self.page.expect_navigation():
            self.page.keyboard.press(key)
        self.look()

    def tab_to(self, name: str, *, role: str = "button") -> None:
        """Reach something by the Tab key alone."""
        self.tab_into(self.page.get_by_role(role, name=self.words(name)).first)

    def tab_into(self, target: Any, most: int = 120) -> None:
        for _ in range(most):
            self.page.keyboard.press("Tab")
            if target.evaluate(
                "e => e === document.activeElement || (e.type === 'radio' && e.name === document.activeElement.name)"
            ):
                return
        raise AssertionError(f"{target} is not reached by {most} Tabs on {self.page.url}")

    # --- reading -------------------------------------------------------------------------------------------------------

    def reads(self, *words: str) -> None:
        """These words stand on the page, for eyes."""
        text = self.text
        for word in map(self.words, words):
            assert word in text, f"{word!r} is not on {self.page.url}:\n{text[:3000]}"

    @property
    def text(self) -> str:
        return " ".join(self.page.locator("body").inner_text().split())

    @property
    def heading(self) -> str:
        return " ".join(self.page.locator("h1").inner_text().split())

    # --- what every page must be ----------------------------------------------------------------------------------------

    def look(self) -> None:
        """One heading, the right language, nothing for axe to find; once for each page, with and without an error summary."""
        page, where = self.page, self.page.url.partition("?")[0]
        page.wait_for_load_state("load")
        assert page.locator("h1").count() == 1, f"{where} has {page.locator('h1').count()} h1"
        assert page.locator("html").get_attribute("lang") == self.language, where
        shown = f"{where} {self.heading} {page.locator('[role=alert]').count()}"
        if shown not in self.looked:
            self.looked.add(shown)
            page.evaluate(AXE)
            found = page.evaluate(LOOK)
            assert found == [], f"{where}: {found}"

    def leave(self) -> None:
        self.context.close()
        assert self.errors == []
