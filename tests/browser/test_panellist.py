"""A panellist, in English and by the keyboard alone: invitation, pledge, score sheet beside the dossier, receipt."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlalchemy import select

from app import clock
from app.models.matching import Panel, Seat
from app.models.people import Account
from app.models.reviews import Invitation, Sheet
from app.stages import panels
from app.workflow.actors import OPERATOR
from tests.browser.conftest import Site
from tests.browser.person import Person

pytestmark = pytest.mark.browser


def asked(site: Site, mail: str) -> str:
    """Tie an account to an expert who has been asked and has not answered; returns the invitation."""
    with site.database.write() as session:
        letter = (
            session.execute(
                select(Invitation)
                .join(Seat, Seat.expert_id == Invitation.expert_id)
                .where(Invitation.answer == "", Seat.status == "invited", Invitation.answer_by > clock.now(session))
                .order_by(Invitation.id)
            )
            .scalars()
            .first()
        )
        assert letter is not None
        account = session.execute(select(Account).where(Account.mail == mail)).scalar_one()
        account.person_id = letter.expert.person_id
        return letter.public_id


def test_a_panellist_answers_pledges_scores_and_submits_without_a_mouse(site: Site, person: Callable[..., Person]) -> None:
    invitation = asked(site, "panellist2@ppir.example")
    panellist = person("panellist2", language="en")
    panellist.go("/")
    panellist.tab_to("My reviews", role="link")
    panellist.key("Enter")
    panellist.tab_to("Answer", role="link")
    panellist.key("Enter")
    assert panellist.heading == "Invitation to the panel"
    for group in panellist.page.locator("fieldset[id^=conflict-]").all():
        panellist.tab_into(group.locator("input[type=radio]").first)
        panellist.page.keyboard.press("Space")
    panellist.tab_to("Accept")
    panellist.key("Enter")
    panellist.tab_to("I have read the pledge and will keep it.", role="checkbox")
    panellist.page.keyboard.press("Space")
    panellist.tab_to("Sign the pledge")
    panellist.key("Enter")
    panellist.reads("Your pledge is signed.")

    sheet = scoring_starts(site, invitation)
    panellist.go(f"/panellist/sheets/{sheet}")
    panellist.tab_to("Start the review")
    panellist.key("Enter")
    panellist.reads("Score sheet", "Dossier")
    for name in panellist.page.locator("form#sheet input[type=radio]").evaluate_all("all => [...new Set(all.map(e => e.name))]"):
        wanted = panellist.page.locator(f'form#sheet input[name="{name}"][value="{1 if name.startswith("gate.") else 4}"]')
        panellist.tab_into(wanted)
        panellist.page.keyboard.press("Space")  # the first choice, then on with the arrow keys
        for _ in range(4):
            if not wanted.is_checked():
                panellist.page.keyboard.press("ArrowDown")
        assert wanted.is_checked()
    panellist.tab_to("Submit")
    panellist.key("Enter")
    assert panellist.heading == "Submit the score sheet"
    panellist.tab_to("Submit now")
    panellist.key("Enter")
    panellist.reads("Receipt of the score sheet", "Your score sheet is submitted.")


def scoring_starts(site: Site, invitation: str) -> str:
    """The rest of the panel has pledged as well and scoring starts; returns the panellist's sheet."""
    with site.database.write() as session:
        letter = session.execute(select(Invitation).where(Invitation.public_id == invitation)).scalar_one()
        seat = session.execute(select(Seat).where(Seat.expert_id == letter.expert_id, Seat.status == "pledged")).scalars().first()
        assert seat is not None
        panel = session.get_one(Panel, seat.panel_id)
        for other in session.execute(
            select(Seat).where(Seat.panel_id == panel.id, Seat.status.in_(("invited", "accepted")))
        ).scalars():
            other.status = "pledged"
        panels.start(session, panel.public_id, actor=OPERATOR, now=clock.now(session), accept_short=True)
        session.flush()
        found = session.execute(select(Sheet.public_id).where(Sheet.seat_id == seat.id)).scalars().first()
        assert found is not None
        return found
