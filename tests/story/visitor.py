"""Somebody at a web client: reads pages, follows links and presses buttons by the words that stand on them.

Words are given in English and looked up in the visitor's language, so one story is told in both.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from html.parser import HTMLParser
from io import BytesIO
from typing import Any
from urllib.parse import urljoin, urlsplit

from app import i18n

VOID = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}
UNREAD = {"script", "style", "template", "dialog", "head"}


class Node:
    def __init__(self, tag: str, attrs: dict[str, str], parent: Node | None) -> None:
        self.tag, self.attrs, self.parent = tag, attrs, parent
        self.children: list[Node | str] = []

    def walk(self) -> Iterator[Node]:
        yield self
        for child in self.children:
            if isinstance(child, Node):
                yield from child.walk()

    def all(self, *tags: str) -> list[Node]:
        return [node for node in self.walk() if node.tag in tags]

    @property
    def text(self) -> str:
        """What is read, with single blanks; hidden parts and closed dialogs are left out, words for screen readers are not."""
        if self.tag in UNREAD:
            return ""
        return " ".join(" ".join(c if isinstance(c, str) else c.text for c in self.children).split())

    @property
    def label(self) -> str:
        """The words for eyes, without those for screen readers only."""
        if self.tag in UNREAD or "unseen" in self.attrs.get("class", "").split():
            return ""
        return " ".join(" ".join(c if isinstance(c, str) else c.label for c in self.children).split())

    def up(self, tag: str) -> Node | None:
        node: Node | None = self
        while node is not None and node.tag != tag:
            node = node.parent
        return node


class _Builder(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.root = self.at = Node("document", {}, None)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        node = Node(tag, {name: value or "" for name, value in attrs}, self.at)
        self.at.children.append(node)
        if tag not in VOID:
            self.at = node

    def handle_endtag(self, tag: str) -> None:
        node: Node | None = self.at
        while node is not None and node.tag != tag:
            node = node.parent
        if node is not None and node.parent is not None:
            self.at = node.parent

    def handle_data(self, data: str) -> None:
        self.at.children.append(data)


def parse(html: str) -> Node:
    builder = _Builder()
    builder.feed(html)
    return builder.root


class Visitor:
    """One person with one client. `page` is what they see now."""

    def __init__(self, app: Any, language: str) -> None:
        self.client, self.language = app.test_client(), language
        self.client.set_cookie("lang", language)
        self.known: tuple[str, str] | None = None  # how they sign in
        self.page = parse("")
        self.url = ""

    def words(self, text: str, **values: Any) -> str:
        """The text in the visitor's language; in Korean it has to be Korean."""
        said = i18n.catalogue(self.language).gettext(text)
        assert self.language == "en" or re.search("[가-힣]", said), f"no Korean for {text!r}"
        return " ".join((said % values if values else said).split())

    # --- going ---------------------------------------------------------------------------------------------------------

    def open(self, path: str) -> None:
        self._arrive(self.client.get(re.sub(r"^https?://[^/]+", "", path), follow_redirects=True))
        if self.known and self.url.startswith("/account/sign-in?next="):  # the sign-in has lapsed; the page leads back
            self.sign_in(*self.known)

    def sign_in(self, mail: str, password: str) -> None:
        self.known = (mail, password)
        self.fill("Mail address", mail)
        self.fill("Password", password)
        self.press("Sign in")
        self.reads("Sign out")

    def follow(self, text: str, *, beside: str = "", **values: Any) -> None:
        """Click a link by its words; `beside` names the row it stands in."""
        wanted = self.words(text, **values)
        self._go(wanted, beside)

    def follow_name(self, name: str) -> None:
        """Click a link that is named by data: a product, a person, a number."""
        self._go(name, "")

    def _go(self, wanted: str, beside: str) -> None:
        found = [a for a in self._named("a", wanted) if not beside or beside in self._row(a).text]
        assert found, f"no link {wanted!r} on {self.url}:\n{self.text}"
        self.open(_joined(self.url, found[0].attrs["href"]))

    # --- filling in ----------------------------------------------------------------------------------------------------

    def fill(self, text: str, value: str, *, within: Node | None = None) -> None:
        """Type into, or choose in, the field that is labelled so."""
        self.put(self.words(text), value, within=within)

    def put(self, label: str, value: str, *, within: Node | None = None) -> None:
        for said in (within or self.page).all("label"):
            if said.label == label or said.label.startswith(f"{label} "):
                self._set(self._by_id(said.attrs["for"]), value)
                return
        raise AssertionError(f"no field {label!r} on {self.url}:\n{self.text}")

    def tick(self, text: str) -> None:
        self.put(self.words(text), "on")

    def enter(self, name: str, value: str) -> None:
        """Fill in a field by its name, where its label is data."""
        fields = [node for node in self.page.all("input", "select", "textarea") if node.attrs.get("name") == name]
        assert fields, f"no field named {name!r} on {self.url}:\n{self.text}"
        if fields[0].attrs.get("type") in ("radio", "checkbox"):
            wanted = [node for node in fields if node.attrs.get("value", "on") == value]
            assert wanted, f"{name!r} cannot be {value!r} on {self.url}"
            self._set(wanted[0], "on")
        else:
            self._set(fields[0], value)

    def answer(self, field_id: str, value: str = "on") -> None:
        """Fill in a field by its place on the page, where rows repeat the same form."""
        self._set(self._by_id(field_id), value)

    def choose(self, text: str, *, beside: str) -> None:
        """Choose in the list that stands in somebody's row."""
        found = [node for node in self.page.all("select") if beside in self._row(node).text]
        assert found, f"nothing to choose beside {beside!r} on {self.url}:\n{self.text}"
        self._set(found[0], text)

    def attach(self, name: str, file_name: str, content: bytes, *, beside: str = "") -> None:
        found = [node for node in self.page.all("input") if node.attrs.get("name") == name]
        found = [node for node in found if not beside or beside in self._row(node).text]
        assert found, f"no file field {name!r} on {self.url}"
        found[0].attrs["file"], self.files[file_name] = file_name, content

    def press(self, text: str, *, beside: str = "", status: int = 200, **values: Any) -> None:
        """Press a button by its words and see the page that answers; `beside` names the row or the form it stands in."""
        wanted = self.words(text, **values)
        found = [b for b in self._named("button", wanted) if not beside or beside in self._row(b).text]
        assert found, f"no button {wanted!r} on {self.url}:\n{self.text}"
        form = found[0].up("form")
        assert form is not None, f"the button {wanted!r} belongs to no form"
        data = self._entered(form)
        if found[0].attrs.get("name"):
            data.append((found[0].attrs["name"], found[0].attrs.get("value", "")))
        target = _joined(self.url, found[0].attrs.get("formaction") or form.attrs.get("action", "") or self.url)
        if form.attrs.get("method", "get") == "get":
            answer = self.client.get(target, query_string=data, follow_redirects=True)
        else:
            sent: dict[str, list[Any]] = {}
            for name, value in data:
                sent.setdefault(name, []).append(value)
            answer = self.client.post(target, data=sent, content_type="multipart/form-data", follow_redirects=True)
        self._arrive(answer, status)

    # --- reading -------------------------------------------------------------------------------------------------------

    @property
    def text(self) -> str:
        return self.page.text

    @property
    def heading(self) -> str:
        return self.page.all("h1")[0].text

    def reads(self, *texts: str, **values: Any) -> None:
        """These words of the interface stand on the page."""
        self.sees(*(self.words(text, **values) for text in texts))

    def sees(self, *facts: str) -> None:
        """These names, numbers and sentences of the data stand on the page."""
        for fact in facts:
            assert " ".join(fact.split()) in self.text, f"{fact!r} is not on {self.url}:\n{self.text}"

    def misses(self, *facts: str) -> None:
        for fact in facts:
            assert fact not in self.text, f"{fact!r} stands on {self.url}:\n{self.text}"

    def download(self, text: str) -> bytes:
        found = self._named("a", text)
        assert found, f"no link {text!r} on {self.url}:\n{self.text}"
        answer = self.client.get(_joined(self.url, found[0].attrs["href"]))
        assert answer.status_code == 200
        return bytes(answer.data)

    # --- inside --------------------------------------------------------------------------------------------------------

    def _arrive(self, answer: Any, status: int = 200) -> None:
        self.page, self.url, self.files = parse(answer.text), answer.request.full_path.rstrip("?"), dict[str, bytes]()
        assert answer.status_code == status, f"{self.url} answers {answer.status_code}:\n{self.text}"
        assert self.page.all("html")[0].attrs["lang"] == self.language
        assert len(self.page.all("h1")) == 1, f"{self.url} has {len(self.page.all('h1'))} h1"

    def _named(self, tag: str, wanted: str) -> list[Node]:
        main = self.page.all("body")[0]
        exact = [node for node in main.all(tag) if node.label == wanted]
        return exact or [node for node in main.all(tag) if wanted in node.label]

    @staticmethod
    def _row(node: Node) -> Node:
        for tag in ("tr", "li", "form", "section", "body"):
            if (found := node.up(tag)) is not None:
                return found
        return node

    def _by_id(self, wanted: str) -> Node:
        return next(node for node in self.page.walk() if node.attrs.get("id") == wanted)

    def _set(self, field: Node, value: str) -> None:
        kind = field.attrs.get("type", "text")
        assert "disabled" not in field.attrs, f"{field.attrs.get('name')} is closed on {self.url}"
        if kind == "radio":
            for other in self.page.all("input"):
                if other.attrs.get("name") == field.attrs["name"] and other.up("form") is field.up("form"):
                    other.attrs.pop("checked", None)
            field.attrs["checked"] = ""
        elif kind == "checkbox":
            field.attrs["checked"] = ""
        elif field.tag == "select":
            options = field.all("option")
            chosen = [o for o in options if o.text == value] or [o for o in options if o.attrs.get("value", o.text) == value]
            assert chosen, f"{value!r} is not offered: {[o.text for o in options]}"
            for option in options:
                option.attrs.pop("selected", None)
            chosen[0].attrs["selected"] = ""
        elif field.tag == "textarea":
            field.children = [value]
        else:
            field.attrs["value"] = value

    def _entered(self, form: Node) -> list[tuple[str, Any]]:
        """What a browser would send, without the button."""
        out: list[tuple[str, Any]] = []
        for field in form.all("input", "select", "textarea"):
            name, kind = field.attrs.get("name"), field.attrs.get("type", "text")
            if not name or "disabled" in field.attrs or kind in ("submit", "button"):
                continue
            if kind in ("radio", "checkbox"):
                if "checked" in field.attrs:
                    out.append((name, field.attrs.get("value", "on")))
            elif kind == "file":
                given = field.attrs.get("file", "")
                out.append((name, (BytesIO(self.files.get(given, b"")), given)))
            elif field.tag == "select":
                options = field.all("option")
                chosen = [o for o in options if "selected" in o.attrs] or options[:1]
                out += [(name, o.attrs.get("value", o.text)) for o in chosen]
            elif field.tag == "textarea":
                out.append((name, "".join(c for c in field.children if isinstance(c, str)).removeprefix("\n")))
            else:
                out.append((name, field.attrs.get("value", "")))
        return out


def _joined(url: str, address: str) -> str:
    parts = urlsplit(urljoin(f"http://localhost{url}", address))
    return parts.path + (f"?{parts.query}" if parts.query else "")
