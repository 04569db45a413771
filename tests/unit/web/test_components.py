"""What the template components promise to people who hear, tab through or zoom a page."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from jinja2 import Environment, FileSystemLoader
from wtforms import (
    BooleanField,
    DateField,
    FileField,
    Form,
    IntegerField,
    RadioField,
    SelectChoice,
    SelectField,
    StringField,
    TextAreaField,
)
from wtforms.validators import DataRequired, Length

from app import i18n
from app.documents import characters

TEMPLATES = Path(__file__).parents[3] / "app" / "templates"


class Dossier(Form):
    title = StringField("Title", [DataRequired()], description="As on the certificate")
    summary = TextAreaField("Summary", [Length(max=20)])
    sub_field = SelectField("Sub-field", choices=[SelectChoice("a", "Sensors"), SelectChoice("b", "AI")])
    kind = RadioField("Type", choices=[SelectChoice("1", "Type 1"), SelectChoice("2", "Type 2")])
    price = IntegerField("Price")
    due = DateField("Due")
    report = FileField("Report")
    pledge = BooleanField("I accept the pledge", [DataRequired()])


class Tags(HTMLParser):
    """Every start tag with its attributes, in order."""

    def __init__(self, words: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str]]] = []
        self.feed(words)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, {name: value or "" for name, value in attrs}))

    def all(self, *tags: str) -> list[dict[str, str]]:
        return [attrs for tag, attrs in self.found if tag in tags]

    def ids(self) -> set[str]:
        return {attrs["id"] for _, attrs in self.found if "id" in attrs}


@pytest.fixture
def draw() -> Any:
    i18n.use("en")
    env = Environment(loader=FileSystemLoader(TEMPLATES), autoescape=True)
    env.filters["characters"] = characters.count
    env.globals.update(_=i18n.gettext, ngettext=i18n.ngettext, pair=i18n.pair, csrf_token=lambda: "token")

    def draw(source: str, **values: Any) -> str:
        return env.from_string(source).render(**values)

    yield draw
    i18n.use(i18n.DEFAULT)


FIELDS = '{% from "components/forms.html" import field, error_summary %}'
EVERY_FIELD = (
    FIELDS
    + "{{ error_summary(form) }}{% for f in form %}{{ field(f, max=20 if f.id == 'summary' else 0) }}{% endfor %}"
)


def test_every_input_has_a_label_of_its_own(draw: Any) -> None:
    tags = Tags(draw(EVERY_FIELD, form=Dossier()))
    inputs = [a["id"] for a in tags.all("input", "select", "textarea")]
    assert len(inputs) == 9
    assert sorted(inputs) == sorted(a["for"] for a in tags.all("label"))


@pytest.mark.parametrize("data", [{}, {"title": "", "summary": "x" * 30, "kind": "3", "price": "much"}])
def test_whatever_describes_an_input_exists_on_the_page(draw: Any, data: dict[str, str]) -> None:
    form = Dossier(data=data)
    form.validate()
    tags = Tags(draw(EVERY_FIELD, form=form))
    named = {name for _, attrs in tags.found for name in attrs.get("aria-describedby", "").split()}
    assert {"title-hint", "title-error", "summary-count"} <= named <= tags.ids()


def test_an_error_is_told_at_the_field_and_linked_from_the_summary(draw: Any) -> None:
    form = Dossier()
    form.validate()
    tags = Tags(draw(EVERY_FIELD, form=form))
    links = {a["href"].removeprefix("#") for a in tags.all("a")}
    assert {"title", "pledge", "kind-0"} <= links <= tags.ids()
    title = next(a for a in tags.all("input") if a["id"] == "title")
    assert title["aria-invalid"] == "true"
    assert next(a for a in tags.all("div") if a.get("id") == "errors")["role"] == "alert"


def test_a_form_without_errors_has_no_summary(draw: Any) -> None:
    assert draw(FIELDS + "{{ error_summary(form) }}", form=Dossier()).strip() == ""


def test_what_people_typed_is_kept_and_never_markup(draw: Any) -> None:
    words = draw(EVERY_FIELD, form=Dossier(data={"title": '"><script>', "summary": "</textarea><script>"}))
    assert "<script>" not in words
    assert "&lt;/textarea&gt;" in words


def test_a_mark_is_a_native_radio_described_by_its_anchor(draw: Any) -> None:
    source = '{% from "components/forms.html" import mark_group %}{{ mark_group("m", "Novelty", scale, value=2) }}'
    tags = Tags(draw(source, scale=[(1, "as before"), (2, "better"), (3, "")]))
    radios = tags.all("input")
    assert [(a["type"], a["value"], "checked" in a) for a in radios] == [
        ("radio", "1", False),
        ("radio", "2", True),
        ("radio", "3", False),
    ]
    assert [a.get("aria-describedby") for a in radios] == ["m-0-anchor", "m-1-anchor", None]


def test_a_mark_of_zero_is_not_taken_for_no_mark(draw: Any) -> None:
    source = '{% from "components/forms.html" import mark_group %}{{ mark_group("m", "Novelty", scale, value=0) }}'
    assert ["checked" in a for a in Tags(draw(source, scale=[(0, ""), (1, "")])).all("input")] == [True, False]


TABLE = """{% from "components/tables.html" import table %}
{% set total = {"label": "Total", "num": true, "sort": "?sort=total", "sorted": "descending"} %}
{% call(row) table("Dossiers", ["Number", total], rows, empty="No dossier yet.", next="Calls open in March.") %}
  <td>{{ row.n }}</td><td class="num">{{ row.t }}</td>{% endcall %}"""


def test_a_table_scrolls_in_a_named_region_that_the_keyboard_reaches(draw: Any) -> None:
    tags = Tags(draw(TABLE, rows=[{"n": "D-1", "t": 3}]))
    region = next(a for a in tags.all("div") if a.get("role") == "region")
    assert (region["tabindex"], region["aria-label"]) == ("0", "Dossiers")
    assert [a.get("aria-sort") for a in tags.all("th")] == [None, "descending"]
    assert len(tags.all("caption")) == 1


def test_an_empty_table_says_so_and_what_comes_next(draw: Any) -> None:
    words = draw(TABLE, rows=[])
    assert "No dossier yet." in words
    assert "Calls open in March." in words
    assert Tags(words).all("td") == [{"colspan": "2"}]


@pytest.mark.parametrize(
    ("page", "last", "shown"),
    [(1, 1, []), (1, 3, [1, 2, 3, 2]), (5, 12, [4, 1, 3, 4, 5, 6, 7, 12, 6]), (12, 12, [11, 1, 10, 11, 12])],
)
def test_pages_name_the_neighbours_and_both_ends(draw: Any, page: int, last: int, shown: list[int]) -> None:
    source = '{% from "components/tables.html" import pages %}{{ pages(page, last, "?page=") }}'
    tags = Tags(draw(source, page=page, last=last))
    assert [int(a["href"].removeprefix("?page=")) for a in tags.all("a")] == shown
    assert [a["href"] for a in tags.all("a") if a.get("aria-current")] == ([f"?page={page}"] if last > 1 else [])


def test_progress_says_its_numbers_in_words_too(draw: Any) -> None:
    source = """{% from "components/status.html" import progress %}
      {{ progress(3, 8, "sheets done") }}{{ progress(0, 0, "starting") }}"""
    words = draw(source)
    known, unknown = Tags(words).all("progress")
    assert (known["value"], known["max"]) == ("3", "8")
    assert "value" not in unknown
    assert re.search(r"3 / 8</b>\s*<span>sheets done", words)


def test_exactly_the_present_step_of_a_timeline_is_current(draw: Any) -> None:
    items = [{"name": "Received", "state": "done"}, {"name": "Review", "state": "now"}, {"name": "Notice"}]
    source = '{% from "components/status.html" import timeline %}{{ timeline(items) }}'
    assert [a.get("aria-current") for a in Tags(draw(source, items=items)).all("li")] == [None, "step", None]


def test_a_button_that_posts_carries_the_token_and_its_row(draw: Any) -> None:
    source = """{% from "components/buttons.html" import post_button %}
      {{ post_button("Admit", "/d/1/admit", about="D-1", fields={"version": 3}) }}"""
    words = draw(source)
    tags = Tags(words)
    assert tags.all("form") == [{"class": "post", "method": "post", "action": "/d/1/admit"}]
    assert {a["name"]: a["value"] for a in tags.all("input")} == {"csrf_token": "token", "version": "3"}
    assert 'Admit<span class="unseen"> D-1</span>' in words


def test_a_fact_without_a_value_shows_a_dash_and_zero_stays_zero(draw: Any) -> None:
    source = '{% from "components/page.html" import facts %}{{ facts([("Files", none), ("Open", 0), ("Mail", "")]) }}'
    assert re.findall(r"<dd>(.*?)</dd>", draw(source)) == ["–", "0", "–"]


def test_a_page_header_leaves_out_what_it_has_not(draw: Any) -> None:
    source = """{% from "components/page.html" import page_header %}{{ page_header("A") }}
      {% call(slot) page_header("B") %}{% if slot == "actions" %}<a href="#">Go</a>{% endif %}{% endcall %}"""
    words = draw(source)
    assert words.count('class="meta"') == 0
    assert words.count('class="actions"') == 1
    assert words.count("Go") == 1


def test_labels_are_korean_when_the_page_is(draw: Any) -> None:
    i18n.use("ko")
    form = Dossier()
    form.validate()
    words = draw(EVERY_FIELD, form=form)
    assert "다음 항목을 수정하십시오" in words
    assert "필수" in words


OWED = """{% from "components/owed.html" import owed %}
{{ owed(now, waiting, recent, next_date="Next known date: 2027-02-05") }}"""


def test_a_home_page_has_one_button_a_line_and_says_for_what(draw: Any) -> None:
    now = [{"words": "A-118 has an empty seat", "url": "/a", "action": "Choose", "kind": "warn"}]
    waiting = [
        {"count": 9, "words": "sheets late", "url": "/r", "action": "Remind", "post": True},
        {"count": 6, "words": "supplements", "url": "/s"},
    ]
    words = draw(OWED, now=now, waiting=waiting, recent=None)
    tags = Tags(words)
    assert [a["href"] for a in tags.all("a")] == ["/a", "/s"]
    assert [a["action"] for a in tags.all("form")] == ["/r"]
    assert 'Choose<span class="unseen"> A-118 has an empty seat</span>' in words
    assert len(tags.all("section")) == 2


def test_with_nothing_due_the_home_page_names_the_next_date(draw: Any) -> None:
    words = draw(OWED, now=[], waiting=[], recent=[])
    assert "Nothing due." in words
    assert words.count("Next known date: 2027-02-05") == 1
