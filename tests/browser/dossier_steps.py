"""The steps of a dossier by the keyboard alone, from the self-check to the preview; a journey in either language walks them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tests import dossiers
from tests.browser.person import Person


def check_eligibility(person: Person) -> None:
    """The self-check of the open call, answered so that the call is open; its answers go along into the dossier."""
    person.go("/calls")
    person.tab_to("Check eligibility", role="link")
    person.key("Enter")
    answers = {
        "company.size": "sme",
        "rnd.ministry": "MSIT",
        "rnd.result": "success",
        "rnd.ended_on": recent(person),
        "rnd.link_type": "own",
        "product.trl": "8",
        "product.designated_before": "no",
        "company.active": "yes",
        "company.no_bar": "yes",
    }
    for place, answer in answers.items():
        enter(person, place, answer)
    person.tab_to("Check")
    person.key("Enter")
    person.reads("By these answers you may apply")


def recent(person: Person) -> str:
    """A day within the window of any open call: last year's end, by the browser's clock."""
    return f"{int(person.page.evaluate('new Date().getFullYear()')) - 1}-12-31"


def fill_section(person: Person, answers: Mapping[str, Any]) -> None:
    """One section of the form; the button goes on to the next."""
    for name, value in answers.items():
        if isinstance(value, list) and value and isinstance(value[0], dict):
            for column, text in value[0].items():
                enter(person, f"{name}.{column}", text)
        elif value not in (False, []):
            enter(person, name, ", ".join(value) if isinstance(value, list) else str(value))
    person.tab_to("Save and next")
    person.key("Enter")


def fill_dossier(person: Person) -> None:
    """Every section, in the order of the form; what the self-check has brought stands already."""
    for answers in dossiers.FULL.values():
        fill_section(person, answers)


def enter(person: Person, name: str, text: str) -> None:
    """Reach a field by Tab and put the text in it; a choice by its letters or the arrows."""
    box = person.page.locator(f'main [name="{name}"]').first
    box_value = box.input_value()
    if box_value == text:
        return
    focus(person, box)
    keyboard = person.page.keyboard
    if box.evaluate("e => e.tagName") == "SELECT":
        options = box.locator("option").evaluate_all("all => all.map(e => e.value)")
        here, there = options.index(box_value), options.index(text)
        for _ in range(abs(there - here)):
            keyboard.press("ArrowDown" if there > here else "ArrowUp")
    elif box.get_attribute("type") == "date":
        box.fill(text)  # the segments of a date box differ by browser; it has the focus already
    else:
        keyboard.press("Control+a")
        keyboard.insert_text(text)
    assert box.input_value() == text, name


def focus(person: Person, target: Any) -> None:
    """By Tab, forwards; from the end of the page round to its beginning."""
    person.tab_into(target, most=220)
