"""Which version and which files of a dossier count: read alike by guards, verbs and pages."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.documents import dossier
from app.errors import NotFound
from app.models.applications import Application, DossierFile, DossierVersion, Finding, Supplement
from app.workflow import readings, rules


def find(session: Session, application_id: str, *, lock: bool = False) -> Application:
    """The application behind an address; who may see it is for the caller to ask.

    Locked, two windows or two people of one dossier come one after the other, and the second sees what the first did.
    """
    query = select(Application).where(Application.public_id == application_id)
    if lock:
        query = query.with_for_update(of=Application).execution_options(populate_existing=True)
    row = session.execute(query).scalar_one_or_none()
    if row is None:
        raise NotFound("not_found")
    return row


def latest(session: Session, application: Application) -> DossierVersion:
    """The last version written, filed or not: what the applicant works on."""
    return session.execute(
        select(DossierVersion)
        .where(DossierVersion.application_id == application.id)
        .order_by(DossierVersion.version.desc())
        .limit(1)
    ).scalar_one()


def counting(session: Session, application: Application) -> DossierVersion:
    """The version that counts: the one filed last, or the draft's last."""
    return session.execute(
        select(DossierVersion).where(
            DossierVersion.application_id == application.id, DossierVersion.version == application.dossier_version
        )
    ).scalar_one()


def version(session: Session, application: Application, number: int) -> DossierVersion | None:
    return session.execute(
        select(DossierVersion).where(DossierVersion.application_id == application.id, DossierVersion.version == number)
    ).scalar_one_or_none()


def last_place(session: Session, application: Application) -> str:
    """The field written last, by whomever and on whatever device: where somebody goes on. Empty for a draft not begun."""
    changed = session.execute(
        select(DossierVersion.changed)
        .where(DossierVersion.application_id == application.id, DossierVersion.changed.is_not(None))
        .order_by(DossierVersion.version.desc())
        .limit(50)
    ).scalars()
    return next((places[-1] for places in changed if places), "")


def live_files(session: Session, application: Application) -> Sequence[DossierFile]:
    """The files that stand in the draft now, by slot and time."""
    return (
        session.execute(
            select(DossierFile)
            .where(DossierFile.application_id == application.id, DossierFile.removed_at.is_(None))
            .order_by(DossierFile.slot, DossierFile.id)
        )
        .scalars()
        .all()
    )


def left(session: Session, application: Application) -> list[dossier.Problem]:
    """What stands between the draft and its filing: fields, files, and what reading the files brought up."""
    held = live_files(session, application)
    content = latest(session, application).content
    slots = dossier.demanded(rules.from_json(application.call.rules).extra, content)
    found = dossier.left(content, {f.slot for f in held}, slots)
    return found + [p for p in readings.problems(session, ((f.slot, f.sha256) for f in held)) if p.hard]


def open_supplement(session: Session, application: Application) -> Supplement | None:
    """The request for a supplement that is still unanswered; None outside of that state."""
    if application.status != "supplement":
        return None
    return session.execute(
        select(Supplement)
        .where(Supplement.application_id == application.id, Supplement.answered_at.is_(None))
        .order_by(Supplement.number.desc())
        .limit(1)
    ).scalar_one_or_none()


def findings(session: Session, application: Application) -> list[Finding]:
    """The findings of the last screening, in the order of the rules."""
    rows = session.execute(select(Finding).where(Finding.application_id == application.id).order_by(Finding.rule)).scalars().all()
    last = max((f.screening for f in rows), default=0)
    return [f for f in rows if f.screening == last]
