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
