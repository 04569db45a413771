"""What the platform itself remembers: who judged which research, and which applicant, in other calls."""

from __future__ import annotations

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app import records
from app.clock import today_kst
from app.documents import dossier as form
from app.models.applications import Application, DossierVersion
from app.models.calls import Call
from app.models.matching import Seat
from app.models.people import Organisation
from app.models.reviews import Sheet
from reviewers.records import Fact


def judged(session: Session, pool: records.Pool, call_id: int) -> list[Fact]:
    """A sheet that was once locked in another call: about its research project, and about its applicant."""
    expert_of = {row: own for own, row in pool.row_ids.items()}
    sheets = (
        select(Seat.expert_id, Sheet.application_id, func.min(Sheet.locked_at))
        .join(Seat, Seat.id == Sheet.seat_id)
        .join(Application, Application.id == Sheet.application_id)
        .where(Application.call_id != call_id, Sheet.locked_at.is_not(None), Seat.expert_id.in_(expert_of))
        .group_by(Seat.expert_id, Sheet.application_id)
        .order_by(Sheet.application_id, Seat.expert_id)
    )
    rows = session.execute(sheets).all()
    about = _about(session, {application for _expert, application, _at in rows})
    facts = []
    for expert, application, at in rows:
        call, applicant, number, projects = about[application]
        own, on = expert_of[expert], today_kst(at) if at else None
        facts.append(Fact("judged_before", own, organisation=applicant, organisation_number=number, on=on,
                          evidence={"call": call, "applicant": applicant}))  # fmt: skip
        facts += [
            Fact("judged_before", own, project=project, on=on, evidence={"call": call, "project": project}) for project in projects
        ]
    return facts


def _about(session: Session, applications: set[int]) -> dict[int, tuple[str, str, str | None, tuple[str, ...]]]:
    """Application → code of its call, its applicant by name and number, and the research it names."""
    rows = session.execute(
        select(Application.id, Call.code, Organisation.name, Organisation.registration_no, DossierVersion.content["rnd"])
        .join(Call, Call.id == Application.call_id)
        .join(Organisation, Organisation.id == Application.organisation_id)
        .join(DossierVersion, DossierVersion.application_id == Application.id)
        .where(DossierVersion.version == Application.dossier_version, Application.id.in_(applications))
    )
    return {own: (call, name, number, form.projects({"rnd": rnd or {}})) for own, call, name, number, rnd in rows}
