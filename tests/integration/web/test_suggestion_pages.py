"""A suggestion on its pages: beside the applicant's choice and taken over with one click; on the coordinators' pages."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.db import Database
from app.documents.dossier import sub_fields, subject
from app.models.experts import Expert
from app.stages import submission
from app.stages import suggestions as stage
from app.workflow import dossiers, suggestions
from app.workflow.actors import SYSTEM
from tests.dossiers import FULL, filed, open_call
from tests.matching import bring, expert
from tests.people import post, signed_in


def suggested(code: str, score: float) -> dict[str, Any]:
    reasons = [{"passage": "연기 속에서 사람을 찾는 드론", "part": "인명 구조와 수색", "similarity": 0.6, "words": ["사람을"]}]
    return {"code": code, "score": score, "reasons": reasons, "works": [{"title": "Smoke study", "share": 0.7, "similarity": 0.9}]}


def found(content: Any, *lines: dict[str, Any]) -> stage.Found:
    return stage.Found(suggestions.digest(subject(content)), lines)


@pytest.mark.parametrize(("language", "words"), [
    ("ko", ("작성 내용에 따른 분야 제안", "F20 근거", "2순위로 선택", "산출 일시")),
    ("en", ("What your text suggests", "Why F20", "Make it rank 2", "Computed")),
])  # fmt: skip
def test_an_applicant_takes_a_suggested_sub_field_over(
    app: Any, database: Database, now: datetime, language: str, words: tuple[str, ...]
) -> None:
    with database.writer() as session:
        client, actor = signed_in(app, session, now, "applicant")
        row = submission.start(session, open_call(session, now).public_id, actor=actor, now=now, answers=FULL)
        key = row.public_id
        session.commit()
    page, part = f"/applicant/dossiers/{key}/write/classification", f"/applicant/dossiers/{key}/suggestion"
    assert "data-refresh-done" in client.get(part).text  # none was asked for: nothing to wait for
    assert post(client, part, page).status_code == 303
    waiting = client.get(f"{page}?lang={language}").text
    assert f'data-refresh-url="{part}"' in waiting and "data-refresh-done" not in client.get(part).text
    with database.writer() as session:
        content = dossiers.latest(session, dossiers.find(session, key)).content
        lines = found(content, suggested("F20", 0.71), suggested("F09", 0.2), suggested("F01", 0.01))
        stage.record(session, key, lines, model_digest="m", actor=SYSTEM, now=now)
        session.commit()
    shown = client.get(page).text
    assert all(word in shown for word in words) and "0.71" in shown and "F01 근거" not in shown and "Why F01" not in shown
    assert post(client, f"{part}/choose", page, code="F20", rank="1").status_code == 303
    with database.writer() as session:
        assert sub_fields(dossiers.latest(session, dossiers.find(session, key)).content) == ("F20", "F09")
        other, _ = signed_in(app, session, now, "applicant")
    assert other.get(part).status_code == 404


def test_a_coordinator_reads_choice_and_suggestion_side_by_side(app: Any, database: Database, now: datetime) -> None:
    with database.writer() as session:
        client, _ = signed_in(app, session, now, "coordinator")
        applicant = signed_in(app, session, now, "applicant")[1]
        call = open_call(session, now)
        row = filed(session, call, applicant, app.extensions["ppir"].files, now)
        bring(session, "experts", [expert(0, fields=["F20"]), expert(1)], now)
        key, call_id, own = row.public_id, call.public_id, row.id
        who = session.execute(select(Expert).where(Expert.external_id == "E0")).scalar_one()
        content, expert_id, expert_row = dossiers.counting(session, row).content, who.public_id, who.id
        session.commit()
    root = f"/coordinator/calls/{call_id}"
    client.get("/?lang=en")
    bare = client.get(f"{root}/coverage").text
    assert "0 of 2 experts and 0 of 1 dossiers" in bare and "No dossier has been read" in bare
    assert "have not been read for it yet" in client.get(f"/coordinator/experts/{expert_id}").text
    assert post(client, f"{root}/coverage/read", f"{root}/coverage").status_code == 303
    assert "profiles and dossiers read" in client.get(f"{root}/coverage").text
    with database.writer() as session:
        by_works = stage.Found("d", [suggested("F20", 0.6), suggested("F08", 0.3)])
        by_words = found(content, suggested("F20", 0.9))
        stage.record_rest(session, {expert_row: by_works}, {own: by_words}, model_digest="m", actor=SYSTEM, now=now)
        session.commit()
    page = client.get(f"{root}/coverage").text
    assert page.count("<figure") == 1 and "Show the numbers" in page and "Choices that want a look" in page
    assert "F20 Disaster, safety &amp; policing" in page and "7 seats are wanted" in page
    table = client.get(f"{root}/coverage/download.csv")
    lines = table.data.decode("utf-8-sig").splitlines()
    assert len(lines) == 25 and lines[9].startswith("F09,") and "sub-fields.csv" in table.headers["Content-Disposition"]
    assert client.get(f"{root}/coverage/download.exe").status_code == 404
    case = client.get(f"{root}/eligibility/{key}").text
    assert "The words speak for another sub-field" in case and "F20 Disaster, safety &amp; policing (0.90)" in case
    profile = client.get(f"/coordinator/experts/{expert_id}").text
    assert "What the works speak for" in profile and "Smoke study" in profile and "not declared" in profile
    client.get("/?lang=ko")
    for path in (f"{root}/coverage", f"{root}/eligibility/{key}", f"/coordinator/experts/{expert_id}", f"{root}/matching"):
        words = re.sub(r"<[^>]+>", " ", client.get(path).text)
        assert "분야" in words


def test_without_a_pool_the_coverage_says_what_to_do(app: Any, session: Session, now: datetime) -> None:
    client, _ = signed_in(app, session, now, "coordinator")
    call = open_call(session, now)
    session.commit()
    page = client.get(f"/coordinator/calls/{call.public_id}/coverage?lang=ko").text
    assert "전문가 가져오기" in page and "해당 없음" in page
