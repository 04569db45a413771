"""Photographs of a site check: put to its record and taken out again while the application stands there, and not after."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.documents import photographs
from app.documents.intake import Sent
from app.errors import Invalid, NotFound, WrongStage
from app.files import Files
from app.models.applications import Application
from app.models.deliberations import Inspection, Photo
from app.workflow import door, permissions, rounds
from app.workflow.actors import Actor

MOST, WORDS_MOST = 12, 300


def add(
    session: Session, application_id: str, sent: Sent | None, *, caption: str, alt: str, files: Files, actor: Actor, now: datetime
) -> Photo:
    """To the newest record of the site check; time and place that the camera noted are kept beside the picture, not in it."""
    application, record = _open_record(session, application_id, actor)
    problems = {name: "photo.words_missing" for name, words in (("caption", caption), ("alt", alt)) if not words.strip()}
    problems |= {name: "sheet.text_too_long" for name, words in (("caption", caption), ("alt", alt)) if len(words) > WORDS_MOST}
    if sent is None:
        problems["photo"] = "photo.none_sent"
    if sum(row.removed_at is None for row in record.photographs) >= MOST:
        problems["photo"] = "photo.too_many"
    if problems or sent is None:
        raise Invalid("photo.refused", problems=problems)
    taken = photographs.take(sent, files=files)
    row = Photo(
        number=len(record.photographs) + 1,
        sha256=taken.sha256,
        small_sha256=taken.small_sha256,
        kind=taken.kind,
        caption=caption.strip(),
        alt=alt.strip(),
        taken_at=taken.taken_at,
        place=taken.place,
        by_id=actor.account_id,
        added_at=now,
    )
    record.photographs.append(row)
    session.flush()
    data = {"photo": row.public_id, "sha256": row.sha256}
    door.record(session, application, "inspection.photo_added", actor=actor, role="coordinator", now=now, data=data)
    return row


def remove(session: Session, application_id: str, photo_id: str, *, actor: Actor, now: datetime) -> None:
    """No page shows it any more; the journal goes on saying that it was there."""
    application, record = _open_record(session, application_id, actor)
    row = next((one for one in record.photographs if one.public_id == photo_id and one.removed_at is None), None)
    if row is None:
        raise NotFound("not_found")
    row.removed_at = now
    data = {"photo": row.public_id, "sha256": row.sha256}
    door.record(session, application, "inspection.photo_removed", actor=actor, role="coordinator", now=now, data=data)


def _open_record(session: Session, application_id: str, actor: Actor) -> tuple[Application, Inspection]:
    permissions.require(actor, "inspection.record")
    application = session.execute(select(Application).where(Application.public_id == application_id)).scalar_one_or_none()
    panel = rounds.panel_of(session, application) if application else None
    if application is None or panel is None:
        raise NotFound("not_found")
    records = select(Inspection).where(
        Inspection.application_id == application.id, Inspection.round_id == panel.round_id, Inspection.kind == "site_check"
    )
    record = session.execute(records.order_by(Inspection.id.desc()).limit(1)).scalar_one_or_none()
    if application.status != "site_check" or record is None:
        raise WrongStage("photo.not_now")
    return application, record
