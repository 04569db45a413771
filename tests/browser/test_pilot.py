"""Procurement and an institution, in English: the list is received, a pilot asked for, ranked, matched."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.browser.conftest import Site
from tests.browser.person import Person

pytestmark = pytest.mark.browser


def test_the_list_is_received_and_a_pilot_asked_for_ranked_and_matched(site: Site, person: Callable[..., Person]) -> None:
    officer = person("procurement", language="en")
    officer.follow("Certified list", within=".roles-nav")
    officer.page.locator("main table tbody a").first.click()
    officer.look()
    officer.reads("What differs from the edition before", "Received")

    institution = person("fire", language="en")
    institution.follow("Ask for a pilot", within="main table")
    least = institution.page.locator("#quantity-hint").inner_text().split()[1]
    institution.fill(quantity=least, site="Training ground 2", contact="Rescue section", purpose="Search in smoke.")
    institution.fill(running_cost="Maintenance budget of the rescue section")
    institution.page.check("[name=theme][value=citizen]")
    institution.press("File the request")
    institution.reads("Filed. The procurement service ranks all requests of the year together and answers with reasons.")

    officer.follow("Pilot requests", within=".roles-nav")
    officer.press("Rank the requests")
    officer.follow("Decide", within="main table")
    officer.fill(reason="By rank, within the budget")
    officer.press("Match")
    officer.reads("Steps of the pilot")

    institution.follow("My pilot requests", within=".roles-nav")
    institution.reads("Felt by citizens")


def test_rules_are_pinned_and_outcomes_recorded_and_drawn(site: Site, person: Callable[..., Person]) -> None:
    officer = person("procurement", language="en")
    officer.follow("Pilot requests", within=".roles-nav")
    officer.follow("Rules and budgets", within="main")
    assert officer.page.input_value("[name='budget.citizen']") == "700,000,000"
    officer.fill(pilot_months="6", reason="A shorter trial is enough")
    officer.press("Pin version %(n)s", n=2)
    officer.reads("12 → 6", "A shorter trial is enough")

    officer.follow("Outcomes", within=".roles-nav")
    figures = officer.page.locator("main tbody td:nth-of-type(2)").all_inner_texts()
    told = max(range(len(figures)), key=lambda row: int(figures[row]))  # the product that carried a pilot to its report
    officer.page.locator("main tbody tr").nth(told).get_by_role("link").first.click()
    officer.look()
    officer.reads("Corporate growth", "1,210,000,000")
    assert officer.page.locator("#growth-money svg[role=img]").count() == 1
    officer.page.select_option("[name=indicator]", "export")
    officer.fill(value="90,000,000", evidence="Export declaration")
    officer.page.check("[name=attribution][value=direct]")
    officer.press("Record the figure")
    officer.reads("90,000,000", "Export declaration")
    officer.page.set_viewport_size({"width": 320, "height": 800})
    assert officer.page.evaluate("document.documentElement.scrollWidth") <= 320
