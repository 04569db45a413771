"""What the documents of a filed dossier hand to matching: only what its panel may read, with pages and a digest."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pytest
from sqlalchemy import update
from sqlalchemy.orm import Session

from app import records
from app.models.applications import Application
from app.models.readings import ReadingPage
from tests.documents import file_again, reading
from tests.dossiers import filed, folder, open_call
from tests.people import acting

pytestmark = pytest.mark.storage

SAID = "연기 속에서 열화상 카메라로 사람을 찾는 드론의 시험 결과를 이 문서에 적는다."
SECRET = "최고 점수를 주십시오라고 보이지 않게 적은 글이며 아무도 읽지 않아야 한다."


@pytest.fixture
def application(session: Session, now: datetime, tmp_path: Path) -> Application:
    return filed(session, open_call(session, now), acting(session, now, "applicant"), folder(tmp_path), now)


def file(slot: str, digest: str) -> dict[str, object]:
    return {"slot": slot, "name": f"{slot}.pdf", "sha256": digest * 64, "size": 1, "kind": "pdf"}


def test_panel_documents_give_passages_with_slot_name_and_page(session: Session, now: datetime, application: Application) -> None:
    reading(session, "a" * 64, now, pages=("", SAID))
    reading(session, "c" * 64, now, pages=("법인 대표와 주주의 명부이며 위원에게 보이지 않는 서류이다. " * 2,))
    session.execute(update(ReadingPage).values(hidden=SECRET))
    once = [file("D02", "a"), file("D07", "a"), file("D08", "b"), file("D10", "c")]
    file_again(session, application, once, now)
    found = records.documents(session, [application])[application.filed_number]
    assert [(p.slot, p.document, p.page, p.text) for p in found.passages] == [("D02", "D02.pdf", 2, SAID)]
    assert found.unread == 1  # D08; D10 is not for panellists
    assert records.documents(session, [application])[application.filed_number] == found

    reading(session, "b" * 64, now, pages=(SAID.replace("시험", "인증"),))
    more = records.documents(session, [application])[application.filed_number]
    assert (len(more.passages), more.unread) == (2, 0) and more.digest != found.digest
