"""Editions of the certified list: what they hold, what changed, who received them."""

from __future__ import annotations

from datetime import datetime

import pytest
from sqlalchemy.orm import Session

from app import journal
from app.clock import end_of_day_kst
from app.errors import Duplicate, NotAllowed, WrongStage
from app.models.designations import Designation
from app.stages import listing, standing
from app.workflow.actors import SYSTEM
from tests.after_panels import BASE, World, world


@pytest.fixture
def here(session: Session, now: datetime) -> World:
    return world(session, now, applications=2)


def test_an_edition_holds_the_malls_columns_and_names_what_was_added(here: World) -> None:
    row = here.designated()
    head = journal.head(here.session)
    edition = listing.publish(here.session, actor=here.coordinator, now=here.now)
    assert edition.delta == {"added": [row.number], "removed": [], "changed": {}}
    assert (edition.number, edition.journal_head, edition.digest) == (1, head, journal.sha256(edition.rows))
    listed = edition.rows[0]
    assert (listed["item_class_no"], listed["detail_item_no"], listed["price_krw"], listed["unit"]) == (
        "81111899",
        "8111189901",
        120_000_000,
        "개",
    )
    assert (listed["business_no"], listed["status"], listed["valid_until"]) == ("0000000000", "active", row.valid_until.isoformat())
    assert [e.kind for e in row.events] == ["designated", "listed"]


def test_the_same_list_is_not_published_twice(here: World) -> None:
    with pytest.raises(WrongStage):
        listing.publish(here.session, actor=here.coordinator, now=here.now)
    here.designated()
    listing.publish(here.session, actor=here.coordinator, now=here.now)
    with pytest.raises(WrongStage) as again:
        listing.publish(here.session, actor=here.coordinator, now=here.now)
    assert again.value.code == "list.nothing_new"


def test_a_suspension_and_an_end_show_as_the_difference_of_editions(here: World) -> None:
    meeting = here.convene(*here.applications)
    for one in here.applications:
        here.decide(application=one, meeting=meeting)
    first = listing.publish(here.session, actor=here.coordinator, now=here.now)
    row = here.session.get(type(first), first.id)
    assert row is not None and len(row.rows) == 2
    one, two = here.session.query(Designation).order_by(Designation.serial)
    for actor in (here.coordinator, here.second):
        standing.suspend(here.session, one.public_id, reason="사고", actor=actor, now=here.now, base_url=BASE)
    second = listing.publish(here.session, actor=SYSTEM, now=here.now)
    assert second.delta == {"added": [], "removed": [], "changed": {one.number: {"status": ["active", "suspended"]}}}
    standing.give_back(here.session, two.public_id, reason="중단", actor=here.applicant, now=here.now)
    third = listing.publish(here.session, actor=SYSTEM, now=here.now)
    assert third.delta["removed"] == [two.number]
    assert len(first.rows) == 2  # an edition never changes


def test_a_term_that_is_over_leaves_the_list_even_before_its_job_ran(here: World) -> None:
    row = here.designated()
    listing.publish(here.session, actor=here.coordinator, now=here.now)
    edition = listing.publish(here.session, actor=here.coordinator, now=end_of_day_kst(row.valid_until))
    assert edition.delta["removed"] == [row.number]


def test_rows_other_than_those_previewed_are_not_published(here: World) -> None:
    here.designated()
    with pytest.raises(WrongStage) as changed:
        listing.publish(here.session, actor=here.coordinator, now=here.now, expected="0" * 64)
    assert changed.value.code == "list.changed_since_preview"


def test_coordinators_publish_and_the_procurement_service_receives_once(here: World) -> None:
    here.designated()
    with pytest.raises(NotAllowed):
        listing.publish(here.session, actor=here.officer, now=here.now)
    edition = listing.publish(here.session, actor=here.coordinator, now=here.now)
    with pytest.raises(NotAllowed):
        listing.receive(here.session, edition.public_id, actor=here.coordinator, now=here.now)
    listing.receive(here.session, edition.public_id, actor=here.officer, now=here.now)
    with pytest.raises(Duplicate):
        listing.receive(here.session, edition.public_id, actor=here.officer, now=here.now)
    assert (edition.received_at, edition.received_by_id) == (here.now, here.officer.account_id)
