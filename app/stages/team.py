"""Writing a dossier together: people are invited to one dossier, leave it, and take it over with their own consent."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from app import mail, outbox
from app.errors import Duplicate, Invalid, NotFound, WrongStage
from app.models.applications import Application, CoApplicant
from app.models.people import Account
from app.workflow import door, dossiers, permissions
from app.workflow.actors import Actor

ROLES = ("editor", "viewer")
MOST = 10  # people beside the owner: a dossier is no mailing list
OVER = ("withdrawn", "rejected", "ineligible")


def invite(
    session: Session, application_id: str, *, name: str, mail_address: str, role: str, actor: Actor, now: datetime
) -> CoApplicant:
    """Ask somebody by mail to work on this dossier; whoever has no account gets a one-time link to make one."""
    application, acted = _own(session, application_id, actor)
    address = mail_address.strip().lower()
    problems = {}
    if not name.strip():
        problems["name"] = "team.name_missing"
    if "@" not in address[1:-1] or len(address) > 254 or any(c.isspace() for c in address):
        problems["mail"] = "people.mail_form"
    if role not in ROLES:
        problems["role"] = "team.role_unknown"
    if problems:
        raise Invalid("team.invalid", problems=problems)
    present = _present(application)
    if len(present) >= MOST:
        raise Invalid("team.full", problems={"mail": "team.full"}, most=MOST)
    if any(m.mail == address for m in present) or (application.owner is not None and application.owner.mail == address):
        raise Duplicate("team.known", field="mail")
    account = session.execute(select(Account).where(Account.mail == address)).scalar_one_or_none()
    row = CoApplicant(
        application=application,
        account_id=account.id if account else None,
        mail=address,
        name=name.strip()[:120],
        role=role,
        invited_by_id=actor.account_id,
        invited_at=now,
    )
    session.add(row)
    session.flush()
    _journal(session, application, "application.shared", row, actor, acted, now, role=role)
    outbox.promise(
        session, "co_applicant_letter", key=f"co_applicant:{row.public_id}", args={"member": row.public_id}, now=now, queue="mail"
    )
    return row


def write_letter(session: Session, member_id: str, *, now: datetime, base_url: str) -> None:
    """Tell the person which dossier it is; by now they have an account, and with it the line is theirs."""
    row = session.execute(select(CoApplicant).where(CoApplicant.public_id == member_id)).scalar_one()
    account = session.execute(select(Account).where(Account.mail == row.mail)).scalar_one()
    row.account_id = account.id
    if row.ended_at is not None:
        return
    application = row.application
    mail.send(
        session,
        "co_applicant",
        to=account.mail,
        language=account.language,
        key=f"co_applicant:{row.public_id}",
        now=now,
        name=row.name,
        company=application.organisation.name,
        number=application.filed_number,
        title=application.title,
        editor=row.role == "editor",
        link=f"{base_url}/applicant/dossiers/{application.public_id}",
    )


def change_role(session: Session, application_id: str, member_id: str, role: str, *, actor: Actor, now: datetime) -> None:
    application, acted = _own(session, application_id, actor)
    row = _member(application, member_id)
    if role not in ROLES:
        raise Invalid("team.role_unknown", problems={"role": "team.role_unknown"})
    if row.role == role:
        return
    row.role = role
    if role == "viewer":
        row.offered_at = None
    _journal(session, application, "application.share_changed", row, actor, acted, now, role=role)


def end(session: Session, application_id: str, member_id: str, *, actor: Actor, now: datetime) -> None:
    """The owner takes somebody off, or a person leaves by themselves; what they wrote stays."""
    application = dossiers.find(session, application_id)
    acted = permissions.require(actor, "application.follow", application)
    row = _member(application, member_id)
    if row.account_id != actor.account_id:
        permissions.require(actor, "application.file", application)
    row.ended_at, row.offered_at = now, None
    _journal(session, application, "application.share_ended", row, actor, acted, now)


def offer(session: Session, application_id: str, member_id: str, *, actor: Actor, now: datetime) -> None:
    """Offer the dossier itself to an editor: one person at a time, and nothing changes until they accept."""
    application, acted = _own(session, application_id, actor)
    row = _member(application, member_id)
    if row.role != "editor" or row.account_id is None:
        raise WrongStage("team.not_an_editor")
    for other in _present(application):
        other.offered_at = None
    row.offered_at = now
    _journal(session, application, "application.offered", row, actor, acted, now)
    account = session.get_one(Account, row.account_id)
    mail.send(
        session,
        "ownership_offered",
        to=account.mail,
        language=account.language,
        key=f"ownership:{row.public_id}:{now.isoformat()}",
        now=now,
        name=row.name,
        company=application.organisation.name,
        number=application.filed_number,
        title=application.title,
    )


def take_offer_back(session: Session, application_id: str, *, actor: Actor, now: datetime) -> None:
    """The owner thinks again, or the person asked says no."""
    application = dossiers.find(session, application_id)
    acted = permissions.require(actor, "application.follow", application)
    row = next((m for m in _present(application) if m.offered_at is not None), None)
    if row is None:
        raise WrongStage("team.nothing_offered")
    if row.account_id != actor.account_id:
        permissions.require(actor, "application.file", application)
    row.offered_at = None
    _journal(session, application, "application.offer_ended", row, actor, acted, now)


def accept(session: Session, application_id: str, *, actor: Actor, now: datetime) -> None:
    """The person asked becomes the owner, to whom letters go; the former owner stays as an editor."""
    application = dossiers.find(session, application_id)
    acted = permissions.require(actor, "application.follow", application)
    row = next((m for m in _present(application) if m.offered_at is not None and m.account_id == actor.account_id), None)
    if row is None:
        raise WrongStage("team.nothing_offered")
    former = application.owner
    row.ended_at, row.offered_at = now, None
    application.owner_id = actor.account_id
    if former is not None:
        session.add(
            CoApplicant(
                application=application,
                account_id=former.id,
                mail=former.mail,
                name=former.person.name,
                role="editor",
                invited_by_id=actor.account_id,
                invited_at=now,
            )
        )
    _journal(
        session,
        application,
        "application.owner_changed",
        row,
        actor,
        acted,
        now,
        owner_before=former.public_id if former else "",
        owner=actor.public_id,
    )


def _own(session: Session, application_id: str, actor: Actor) -> tuple[Application, str]:
    """A dossier that the actor may share and hand over, while it is still on its way."""
    application = dossiers.find(session, application_id)
    role = permissions.require(actor, "application.file", application)
    if application.status in OVER:
        raise WrongStage("team.over")
    return application, role


def _present(application: Application) -> list[CoApplicant]:
    return [m for m in application.members if m.ended_at is None]


def _member(application: Application, member_id: str) -> CoApplicant:
    row = next((m for m in _present(application) if m.public_id == member_id), None)
    if row is None:
        raise NotFound("not_found")
    return row


def _journal(
    session: Session, application: Application, action: str, row: CoApplicant, actor: Actor, acted: str, now: datetime, **data: str
) -> None:
    door.record(session, application, action, actor=actor, role=acted, now=now, data={"member": row.public_id, **data})
