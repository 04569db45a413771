"""Photographs of a site check: cleaned, shown to those who may read the dossier's table, printed, and gone once taken out."""

from __future__ import annotations

import io
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.models.deliberations import Photo
from app.models.people import Account
from app.stages import calibration, deliberation
from app.workflow.actors import SYSTEM
from app.workflow.inspections import CHECKS, Inspected
from tests import panels as worlds
from tests.integration.web.test_coordinator_panels import as_coordinator, url
from tests.people import enter

PICTURE = Path(__file__).parents[2] / "documents" / "ko_pillow_scan.jpg"
NOTE = b"Exif\0\0II*\0\x08\0\0\0\x01\0\x32\x01\x02\0\x14\0\0\0\x1a\0\0\0\0\0\0\0" + b"2026:11:20 14:03:07\0"


def photographed() -> bytes:
    """As a camera writes it: its clock in front, something else behind the end."""
    whole = PICTURE.read_bytes()
    return whole[:2] + b"\xff\xe1" + (len(NOTE) + 2).to_bytes(2, "big") + NOTE + whole[2:] + b"behind the end"


def test_photographs_are_cleaned_shown_printed_and_removed_in_time(app: Any, session: Session, now: datetime) -> None:
    world = worlds.make(session, now, site_check=True)
    world.invite_all()
    world.start(world.panels[0])
    for sheet in world.sheets(world.panels[0]):
        world.fill(sheet)
    calibration.calibrate_round(session, world.call.public_id, actor=SYSTEM, now=now)
    application = world.applications[0]
    key = application.public_id
    deliberation.convene(session, key, actor=world.coordinator, now=now)
    items = [{"code": code, "answer": "yes", "note": ""} for code in CHECKS]
    found = Inspected(now.date(), "확인함", "대전", ["김확인", "이점검"], items, "fit", "박기업")
    deliberation.inspect(session, key, found, actor=world.coordinator, now=now)
    session.commit()
    office, page = as_coordinator(app, world), url(world, f"results/{key}")

    def send(sent: bytes, name: str = "a.jpg", **words: str) -> Any:
        return world.send(office, f"{page}/photographs", page, photo=(io.BytesIO(sent), name), **words)

    words = {"caption": "생산시설", "alt": "조립 작업대 두 개"}
    assert send(photographed()).status_code == 422  # without words
    assert send(PICTURE.read_bytes()[:3000], **words).status_code == 422
    assert send(b"%PDF-1.7\n%%EOF", "a.pdf", **words).status_code == 422
    assert send(photographed(), **words).status_code == send(PICTURE.read_bytes(), **words).status_code == 303
    session.expire_all()
    kept, other = session.scalars(select(Photo).order_by(Photo.id))
    assert kept.taken_at == "2026-11-20 14:03"
    whole = office.get(f"{page}/photographs/{kept.public_id}/whole")
    assert whole.mimetype == "image/jpeg" and b"2026" not in whole.data and b"behind" not in whole.data
    assert world.send(office, f"{page}/photographs/{other.public_id}/remove", page).status_code == 303
    assert office.get(f"{page}/photographs/{other.public_id}/small").status_code == 404

    session.expire_all()
    world.deliberate(application)
    session.commit()
    seat = world.panels[0].seats[0]
    account = session.scalars(select(Account).where(Account.person_id == seat.expert.person_id)).one()
    reader = enter(app, session, now, account)
    table = f"/panellist/applications/{key}"
    assert f'alt="{words["alt"]}"' in reader.get(table).text
    assert reader.get(f"{table}/photographs/{kept.public_id}/small").data.startswith(b"\x89PNG")
    assert b"/Image" in reader.get(f"{table}/minutes.ko.pdf").data
    assert send(photographed(), **words).status_code == 409
