"""Objections to what stands: the notice an application is on, or the refusal it got. What was overtaken reopens nothing."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.models.applications import Application, Decision
from app.models.designations import NoticeEdition, NoticeItem, Objection

OPEN = ("filed", "under_review", "extended")
UPHELD = {"notice": ("upheld",), "applicant": ("upheld", "partly_upheld")}


def notice_of(session: Session, application: Application) -> NoticeEdition | None:
    """The newest notice this application was on."""
    editions = select(NoticeEdition).join(NoticeItem, NoticeItem.edition_id == NoticeEdition.id)
    mine = editions.where(NoticeItem.application_id == application.id)
    return session.execute(mine.order_by(NoticeEdition.id.desc()).limit(1)).scalar_one_or_none()


def refusal_of(session: Session, application: Application) -> Decision | None:
    """The refusal that stands; None while nothing is refused."""
    if application.status not in ("rejected", "ineligible"):
        return None
    decisions = select(Decision).where(
        Decision.subject_kind == "application", Decision.subject_id == application.id, Decision.outcome == application.status
    )
    return session.execute(decisions.order_by(Decision.id.desc()).limit(1)).scalar_one_or_none()


def standing(session: Session, application: Application) -> list[Objection]:
    """Those to the notice that runs or to the refusal that stands, answered or not; none in any other state."""
    notice = notice_of(session, application) if application.status == "public_notice" else None
    refusal = refusal_of(session, application)
    if notice is not None:
        against = Objection.edition_id == notice.id
    elif refusal is not None:
        against = Objection.decision_id == refusal.id
    else:
        return []
    found = session.execute(select(Objection).where(Objection.application_id == application.id, against).order_by(Objection.id))
    return list(found.scalars())


def upheld(session: Session, application: Application) -> list[Objection]:
    """The objections for which the application is taken up again."""
    return [row for row in standing(session, application) if row.status in UPHELD[row.kind]]
