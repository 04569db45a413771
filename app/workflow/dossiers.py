"""Which version and which files of a dossier count: read alike by guards, verbs and pages."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.models.applications import Application, DossierFile, DossierVersion, Finding, Supplement


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
