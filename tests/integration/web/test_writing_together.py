"""Writing a dossier: what is wrong is named and kept, two windows are joined field by field, co-applicants do what they may."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.db import Database
from app.models.applications import Application, CoApplicant
from app.models.people import Account
from app.stages import submission, team
from app.workflow import dossiers
from app.workflow.actors import Actor
from tests import dossiers as made
from tests.people import account, enter, post, signed_in

BOTH = pytest.mark.parametrize("language", ["ko", "en"])


@dataclass(frozen=True)
class Desk:
    """An applicant's browser on a draft of theirs; what is stored is read in a session of its own."""

    client: Any
    actor: Actor
    key: str
    database: Database

    @property
    def root(self) -> str:
        return f"/applicant/dossiers/{self.key}"

    def page(self, section: str) -> str:
        return str(self.client.get(f"{self.root}/write/{section}?lang=en").text)

    def save(self, section: str, **sent: Any) -> Any:
        return post(self.client, f"{self.root}/write/{section}", f"{self.root}/write/{section}?lang=en", **sent)

    def type_in(self, section: str, base: int, **sent: Any) -> Any:
        """What the page's script sends while somebody types."""
        page = self.client.get(f"{self.root}/write/{section}?lang=en").text
        token = re.search(r'name="csrf_token" value="([^"]+)"', page)
        assert token is not None
        return self.client.post(
            f"{self.root}/write/{section}",
            data={"csrf_token": token[1], "base": str(base), "field": list(sent), **sent},
            headers={"X-Autosave": "1"},
        )

    def stored(self, read: Callable[[Session, Application], Any]) -> Any:
        with self.database.read() as session:
            return read(session, session.execute(select(Application).where(Application.public_id == self.key)).scalar_one())

    @property
    def base(self) -> int:
        return int(self.stored(lambda s, row: dossiers.latest(s, row).version))

    def section(self, key: str) -> dict[str, Any]:
        return dict(self.stored(lambda s, row: dossiers.latest(s, row).content.get(key) or {}))


@pytest.fixture
def desk(app: Any, database: Database, now: datetime) -> Desk:
    with database.writer() as session:
        call = made.open_call(session, now)
        client, actor = signed_in(app, session, now, "applicant", name="김담당")
        row = submission.start(session, call.public_id, actor=actor, now=now)
        session.commit()
        return Desk(client, actor, row.public_id, database)


def beside(desk: Desk, app: Any, now: datetime, role: str, *, name: str = "이공동") -> Desk:
    """A co-applicant's browser on the same dossier."""
    with desk.database.writer() as session:
        person = account(session, now, "applicant", name=name)
        row = team.invite(session, desk.key, name=name, mail_address=person.mail, role=role, actor=desk.actor, now=now)
        team.write_letter(session, row.public_id, now=now, base_url="http://127.0.0.1")
        client = enter(app, session, now, person)
        return Desk(client, Actor(person.public_id, frozenset({"applicant"}), person.id), desk.key, desk.database)


# --- what is wrong -------------------------------------------------------------------------------------------------------


def test_a_wrong_entry_is_kept_and_named_with_a_link_that_takes_the_focus(desk: Desk) -> None:
    sent = desk.save("product", base=desk.base, name_ko="구조 드론", trl="eleven")
    assert sent.status_code == 422
    assert desk.section("product")["trl"] == "eleven"
    assert re.search(r'<div class="errors"[^>]* data-focus>', sent.text)
    assert '<a href="#trl">Product: Technology readiness level (TRL)</a>: Write a whole number.' in sent.text
    assert 'value="eleven"' in sent.text
    assert f'name="base" value="{desk.base}"' in sent.text  # the page goes on from what it saved


def test_a_wrong_cell_is_named_by_row_and_column_and_linked(desk: Desk) -> None:
    sent = desk.save("rights", base=desk.base, **{"ip.kind": "patent", "ip.number": "10-1", "ip.expires_on": "soon"})
    assert sent.status_code == 422
    assert 'href="#ip.0.expires_on">IP and certificates: Intellectual property, row 1, Expires on</a>' in sent.text
    assert re.search(
        r'<input[^>]*id="ip\.0\.expires_on"[^>]*aria-invalid="true" aria-describedby="ip\.0\.expires_on-error"', sent.text
    )


def test_save_and_close_closes_whatever_is_wrong_and_the_list_goes_on_where_it_was(desk: Desk) -> None:
    sent = desk.save("product", base=desk.base, trl="eleven", then="close")
    assert sent.status_code == 303 and sent.headers["Location"].endswith("/applicant/")
    assert "/write/product#trl" in desk.client.get("/applicant/").text


@BOTH
def test_the_steps_say_in_words_what_is_left(desk: Desk, language: str) -> None:
    page = desk.client.get(f"{desk.root}/write/company?lang={language}").text
    words = {"ko": ("작성 전", "남은 것 없음" if "남은 것 없음" in page else "개 남음"), "en": ("not begun", " left")}[language]
    assert all(text in page for text in words)


# --- conditions ----------------------------------------------------------------------------------------------------------


def test_without_a_script_a_field_appears_once_its_section_is_saved(desk: Desk) -> None:
    place = re.compile(r'<div data-field="provider" data-when="[^"]+"( hidden)?>')
    assert place.search(desk.page("rnd"))[1] == " hidden"
    desk.save("rnd", base=desk.base, link_type="transfer", then="stay")
    assert place.search(desk.page("rnd"))[1] is None
    assert "narrative.ai_reliability" not in desk.page("narrative") and 'name="ai_reliability"' not in desk.page("narrative")
    desk.save("product", base=desk.base, is_ai="y", then="stay")
    assert 'name="ai_reliability"' in desk.page("narrative")
    assert re.search(r'id="D16".*?required', desk.client.get(f"{desk.root}/files?lang=en").text, re.DOTALL)


def test_a_field_of_another_sections_condition_is_never_written_while_it_is_not_asked_for(desk: Desk) -> None:
    desk.save("narrative", base=desk.base, summary="요약", ai_reliability="몰래", then="stay")
    assert "ai_reliability" not in desk.section("narrative")


def test_a_number_whose_check_digit_does_not_fit_asks_for_its_reason_at_once(desk: Desk) -> None:
    told = desk.type_in("company", desk.base, business_no="123-45-67890").get_json()
    assert "business_no_reason" in told["asked"]
    told = desk.type_in("company", told["version"], business_no="380-81-00318").get_json()
    assert "business_no_reason" not in told["asked"]


# --- saving while somebody types -----------------------------------------------------------------------------------------


def test_only_the_field_that_is_typed_in_is_saved_with_time_and_version(desk: Desk) -> None:
    first = desk.base
    told = desk.type_in("product", first, name_ko="드론").get_json()
    assert told["version"] == first + 1 and re.match(rf"Saved .*:\d\d.*, version {first + 1}$", told["said"])
    assert desk.section("product") == {"name_ko": "드론"}
    assert told["left"]["product"].endswith("left")
    assert desk.type_in("product", told["version"], name_ko="드론").get_json()["version"] == told["version"]  # nothing new


def test_two_windows_in_two_fields_are_joined_and_each_learns_of_the_other(desk: Desk) -> None:
    first = desk.base
    desk.type_in("product", first, name_ko="구조 드론")
    told = desk.type_in("product", first, name_en="Rescue drone").get_json()
    assert desk.section("product") == {"name_ko": "구조 드론", "name_en": "Rescue drone"}
    assert [(o["name"], o["text"]) for o in told["others"]] == [("name_ko", "구조 드론")]
    assert told["others"][0]["said"].startswith("You changed Product: Product name (Korean) in another window")


def test_two_windows_in_one_field_both_keep_their_text_until_somebody_chooses(desk: Desk) -> None:
    first = desk.base
    desk.type_in("product", first, name_ko="먼저")
    late = desk.type_in("product", first, name_ko="나중")
    assert late.status_code == 409
    told = late.get_json()
    assert "Choose which text stays" in told["error"]
    assert "먼저</textarea>" in told["clashes"]["name_ko"] and "Keep mine" in told["clashes"]["name_ko"]
    assert desk.section("product")["name_ko"] == "먼저"
    kept = desk.type_in("product", told["version"], name_ko="나중")  # what "keep mine" sends
    assert kept.status_code == 200 and desk.section("product")["name_ko"] == "나중"


@pytest.mark.parametrize(
    ("choice", "edited", "stays"), [("mine", "", "나중"), ("theirs", "먼저", "먼저"), ("theirs", "먼저, 고침", "먼저, 고침")]
)
def test_without_a_script_the_page_shows_both_texts_and_a_button_chooses(desk: Desk, choice: str, edited: str, stays: str) -> None:
    seen = desk.base
    desk.save("rnd", base=seen, title="먼저", agency="가상재단", then="stay")
    late = desk.save("rnd", base=seen, title="나중", then="stay")
    assert late.status_code == 409
    assert "나중" in late.text and "먼저</textarea>" in late.text and 'name="unsettled" value="title"' in late.text
    assert 'value="가상재단"' in late.text  # what only the other window changed is joined already
    assert desk.section("rnd")["title"] == "먼저"
    sent = {"title": "나중", "agency": "가상재단", "unsettled": "title", "keep.title": choice, "theirs.title": edited}
    chosen = desk.save("rnd", base=desk.base, then="stay", **sent)
    assert chosen.status_code == 303
    assert desk.section("rnd")["title"] == stays and desk.section("rnd")["agency"] == "가상재단"


def test_nothing_is_chosen_by_the_plain_save_button(desk: Desk) -> None:
    seen = desk.base
    desk.save("rnd", base=seen, title="먼저", then="stay")
    again = desk.save("rnd", base=desk.base, title="나중", agency="새 기관", unsettled="title", then="stay")
    assert again.status_code == 409 and "나중" in again.text
    assert desk.section("rnd") | {"title": "먼저", "agency": "새 기관"} == desk.section("rnd")


def test_saving_needs_a_sign_in_and_says_so(desk: Desk, app: Any) -> None:
    token = re.search(r'name="csrf_token" value="([^"]+)"', desk.page("product"))[1]  # type: ignore[index]
    with desk.client.session_transaction() as cookie:
        cookie["_user_id"] = "a secret that was ended"
    late = desk.client.post(
        f"{desk.root}/write/product",
        data={"csrf_token": token, "base": "1", "field": "name_ko", "name_ko": "x"},
        headers={"X-Autosave": "1"},
    )
    assert late.status_code == 401


# --- co-applicants -------------------------------------------------------------------------------------------------------


def test_an_editor_writes_and_everybody_reads_who_changed_what(desk: Desk, app: Any, now: datetime) -> None:
    editor = beside(desk, app, now, "editor")
    assert desk.key in editor.client.get("/applicant/").text
    assert editor.type_in("product", desk.base, name_ko="구조 드론").status_code == 200
    assert "이공동 changed Product: Product name (Korean)" in desk.page("product")
    assert "이공동 changed Product: Product name (Korean)" in desk.client.get(f"{desk.root}/team?lang=en").text


def test_a_viewer_reads_and_writes_nothing(desk: Desk, app: Any, now: datetime) -> None:
    viewer = beside(desk, app, now, "viewer")
    page = viewer.page("product")
    assert '<form id="dossier"' not in page
    assert post(viewer.client, f"{desk.root}/write/product", "/applicant/new/2027-1", base="1", name_ko="x").status_code == 404
    assert "name_ko" not in desk.section("product")
    assert "You can read this dossier" in viewer.client.get("/applicant/?lang=en").text


@pytest.mark.parametrize("role", ["editor", "viewer"])
def test_no_co_applicant_submits_withdraws_or_invites(desk: Desk, app: Any, now: datetime, role: str) -> None:
    member = beside(desk, app, now, role)
    for path in ("/submit", "/withdraw", "/team", "/take-back", "/revive"):
        sent = {"base": "1", "pledged": "yes", "name": "박", "mail": "park@example.org", "role": "editor"}
        assert post(member.client, desk.root + path, "/applicant/new/2027-1", **sent).status_code == 404, path
    assert desk.stored(lambda s, row: (row.status, len(row.members))) == ("draft", 1)


def test_whoever_is_taken_off_sees_nothing_from_then_on(desk: Desk, app: Any, now: datetime) -> None:
    editor = beside(desk, app, now, "editor")
    member = desk.stored(lambda s, row: row.members[0].public_id)
    assert post(desk.client, f"{desk.root}/team/{member}/end", f"{desk.root}/team").status_code == 303
    assert editor.client.get(f"{desk.root}/write/product").status_code == 404
    assert desk.key not in editor.client.get("/applicant/").text


def test_an_invitation_that_lacks_something_is_shown_again_with_what(desk: Desk) -> None:
    sent = post(desk.client, f"{desk.root}/team", f"{desk.root}/team?lang=en", name="", mail="nonsense", role="editor")
    assert sent.status_code == 422
    assert 'href="#name"' in sent.text and 'href="#mail"' in sent.text and 'value="nonsense"' in sent.text


def test_the_owner_changes_only_with_the_consent_of_both(desk: Desk, app: Any, now: datetime) -> None:
    editor = beside(desk, app, now, "editor")
    member = desk.stored(lambda s, row: row.members[0].public_id)
    assert post(editor.client, f"{desk.root}/team/accept", f"{desk.root}/team").status_code == 409  # nothing offered
    post(desk.client, f"{desk.root}/team/{member}/offer", f"{desk.root}/team")
    assert desk.stored(lambda s, row: row.owner_id) == desk.actor.account_id
    assert "This dossier is offered to you" in editor.client.get(f"{desk.root}/team?lang=en").text
    assert post(editor.client, f"{desk.root}/team/accept", f"{desk.root}/team").status_code == 303
    assert desk.stored(lambda s, row: row.owner_id) == editor.actor.account_id
    with desk.database.read() as session:
        still = session.execute(select(CoApplicant).where(CoApplicant.ended_at.is_(None))).scalars().all()
        former = session.get_one(Account, desk.actor.account_id)
        assert [(m.mail, m.role) for m in still] == [(former.mail, "editor")]


def test_every_field_of_the_lineage_stands_on_one_page_for_those_who_may_read_it(
    desk: Desk, app: Any, session: Session, now: datetime
) -> None:
    desk.save(
        "rnd",
        base=desk.base,
        title="재난 대응 드론 개발",
        ntis_project_no="1711190129",
        link_type="transfer",
        provider="가상대학교",
        then="stay",
    )
    page = desk.client.get(f"{desk.root}/lineage?lang=en").text
    assert all(text in page for text in ("재난 대응 드론 개발", "1711190129", "가상대학교", "Technology transfer by contract"))
    assert "the chain is open at this link" in page  # no right is named yet
    coordinator, _ = signed_in(app, session, now, "coordinator")
    assert coordinator.get(f"{desk.root}/lineage").status_code == 404  # a draft is the applicants' own
