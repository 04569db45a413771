"""Files of a dossier that are still on their way, for the page where they are gone on with."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.models.applications import Application, Upload
from app.workflow import permissions
from app.workflow.actors import Actor


@dataclass(frozen=True)
class UploadRow:
    public_id: str
    slot: str
    name: str
    size: int
    received: int
    last_at: datetime

    @property
    def percent(self) -> int:
        return 100 * self.received // self.size


def under_way(session: Session, application_id: str, *, actor: Actor) -> list[UploadRow]:
    """Begun and not finished, by slot, the oldest first."""
    found = session.execute(
        select(Application, Upload)
        .join(Upload, Upload.application_id == Application.id)
        .where(Application.public_id == application_id, Upload.finished_at.is_(None))
        .order_by(Upload.slot, Upload.id)
    ).all()
    for application, _upload in found[:1]:
        permissions.require(actor, "application.edit", application)
    return [UploadRow(u.public_id, u.slot, u.name, u.size, u.received, u.last_at) for _application, u in found]
