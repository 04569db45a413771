"""Accounts and roles: invited by mail, signed in with argon2id, revocable at any time."""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime, timedelta

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from app import mail
from app.documents import identifiers
from app.errors import Duplicate, Invalid, NotAllowed, NotFound
from app.models.people import Account, AccountRole, AuthSession, OneTimeLink, Organisation, Person, SignInAttempt
from app.workflow import door, permissions
from app.workflow.actors import ROLES, Actor
from reviewers.organisations import organisation_key

INVITATION_LASTS, RESET_LASTS = timedelta(days=14), timedelta(hours=1)
SIGN_IN_LASTS = timedelta(hours=12)  # absolute; the idle limit is queries.people.IDLE
WINDOW, PER_ACCOUNT, PER_ADDRESS = timedelta(minutes=15), 8, 60  # failed attempts before a pause
SHORTEST, LONGEST = 10, 128
_hasher = PasswordHasher()  # argon2id, 64 MiB, the library's defaults
# The same work is done for a name nobody has. Written out: hashing it would cost every process a quarter of a second.
_NO_ACCOUNT = "$argon2id$v=19$m=65536,t=3,p=4$Xuh5TE0SYTf7bkh1muzyiw$+8YVCPpoNnn4TQQlkfRoc0gfp8KxKbHNF9ITf2vSFew"


def invite(
    session: Session,
    *,
    name: str,
    mail_address: str,
    role: str,
    actor: Actor,
    now: datetime,
    base_url: str,
    organisation_id: int | None = None,
    language: str = "ko",
    name_en: str = "",
    person_id: int | None = None,
    for_one_dossier: bool = False,
) -> Account:
    """Make an account for a person, or add a role to theirs, and send a one-time link to set the password."""
    permissions.require(actor, "account.invite")
    address = _address(mail_address)
    account = session.execute(select(Account).where(Account.mail == address)).scalar_one_or_none()
    if account is None:
        person = session.get(Person, person_id) if person_id else None
        if person is None:
            person = Person(name=name.strip(), name_en=name_en.strip())
            session.add(person)
            session.flush()
        account = Account(person_id=person.id, mail=address, language=language, created_at=now)
        session.add(account)
        session.flush()
        door.record(session, account, "account.invited", actor=actor, role="administrator", now=now)
    give_role(
        session, account, role, organisation_id=organisation_id, actor=actor, now=now, for_one_dossier=for_one_dossier
    )
    if account.status == "invited":
        _send_link(session, account, "invitation", INVITATION_LASTS, now=now, base_url=base_url)
    return account


def invite_again(session: Session, account_id: str, *, actor: Actor, now: datetime, base_url: str) -> None:
    """Send a fresh link; the earlier ones stop working."""
    permissions.require(actor, "account.invite")
    row = find(session, account_id)
    if row.status != "invited":
        raise Duplicate("people.already_active")
    _void_links(session, row, now)
    _send_link(session, row, "invitation", INVITATION_LASTS, now=now, base_url=base_url)


def give_role(
    session: Session,
    account: Account,
    role: str,
    *,
    organisation_id: int | None,
    actor: Actor,
    now: datetime,
    for_one_dossier: bool = False,
) -> None:
    """Add a role; one that is held already stays as it is.

    Applicants and institutions act for an organisation; a co-applicant (`for_one_dossier`) acts for none, and sees one dossier.
    """
    permissions.require(actor, "role.give")
    if role not in ROLES:
        raise Invalid("people.unknown_role", problems={"role": "people.unknown_role"})
    if role in ("applicant", "institution") and organisation_id is None and not for_one_dossier:
        raise Invalid("people.organisation_needed", problems={"organisation": "people.organisation_needed"})
    held = select(AccountRole).where(
        AccountRole.account_id == account.id,
        AccountRole.role == role,
        AccountRole.organisation_id == organisation_id,
        AccountRole.ended_at.is_(None),
    )
    if session.execute(held).first() is not None:
        return
    session.add(
        AccountRole(
            account_id=account.id,
            role=role,
            organisation_id=organisation_id,
            given_by_id=actor.account_id,
            given_at=now,
        )
    )
    door.record(session, account, "role.given", actor=actor, role="administrator", now=now, data={"role": role})


def end_role(session: Session, account_id: str, role_id: int, *, actor: Actor, now: datetime) -> None:
    """End a role at once; the last administrator keeps theirs, or nobody could give it back."""
    permissions.require(actor, "role.end")
    account, held = find(session, account_id), session.get(AccountRole, role_id)
    if held is None or held.account_id != account.id or held.ended_at is not None:
        raise NotFound("not_found")
    if held.role == "administrator":
        left = session.execute(
            select(func.count())
            .select_from(AccountRole)
            .join(Account, Account.id == AccountRole.account_id)
            .where(
                AccountRole.role == "administrator",
                AccountRole.ended_at.is_(None),
                Account.status == "active",
                AccountRole.id != held.id,
            )
        ).scalar_one()
        if left == 0:
            raise NotAllowed("people.last_administrator")
    held.ended_at = now
    door.record(session, account, "role.ended", actor=actor, role="administrator", now=now, data={"role": held.role})


def disable(session: Session, account_id: str, *, actor: Actor, now: datetime) -> None:
    """Close an account and end its sign-ins; what the person did stays."""
    permissions.require(actor, "account.disable")
    account = find(session, account_id)
    if account.id == actor.account_id:
        raise NotAllowed("people.not_yourself")
    account.status = "disabled"
    end_sessions(session, account, now=now)
    door.record(session, account, "account.disabled", actor=actor, role="administrator", now=now)


def enable(session: Session, account_id: str, *, actor: Actor, now: datetime) -> None:
    permissions.require(actor, "account.disable")
    account = find(session, account_id)
    account.status = "active" if account.password_hash else "invited"
    door.record(session, account, "account.enabled", actor=actor, role="administrator", now=now)


def sign_in(session: Session, mail_address: str, password: str, *, address: str, device: str, now: datetime, demo: bool) -> str:
    """The secret for the cookie. The same refusal, after the same work, whether or not the account exists.

    The caller commits also when this raises Invalid, so that the attempt is counted.
    """
    name = mail_address.strip().lower()
    _throttle(session, name, address, now)
    account = session.execute(select(Account).where(Account.mail == name)).scalar_one_or_none()
    usable = account is not None and account.status == "active" and (demo or not account.demo)
    fits = _verify(account.password_hash if usable and account is not None and account.password_hash else _NO_ACCOUNT, password)
    good = bool(usable and fits)
    session.add(SignInAttempt(account_digest=_digest(name), address_digest=_digest(address), at=now, succeeded=good))
    if not good or account is None:
        raise Invalid("people.sign_in_refused")
    if _hasher.check_needs_rehash(account.password_hash or ""):
        account.password_hash = _hasher.hash(password)
    secret = secrets.token_urlsafe(32)
    row = AuthSession(
        account_id=account.id,
        digest=_digest(secret),
        created_at=now,
        seen_at=now,
        expires_at=now + SIGN_IN_LASTS,
        device=device[:200],
        address=address[:64],
    )
    session.add(row)
    door.record(session, account, "account.signed_in", actor=_self(account), role="self", now=now)
    return secret


def sign_out(session: Session, secret: str, *, now: datetime) -> None:
    session.execute(
        update(AuthSession).where(AuthSession.digest == _digest(secret), AuthSession.ended_at.is_(None)).values(ended_at=now)
    )


def end_session(session: Session, session_id: str, *, actor: Actor, now: datetime) -> None:
    """End one sign-in: one's own, or as administrator anybody's."""
    row = session.execute(select(AuthSession).where(AuthSession.public_id == session_id)).scalar_one_or_none()
    if row is None or (row.account_id != actor.account_id and not permissions.may(actor, "account.end_session")):
        raise NotFound("not_found")
    row.ended_at = row.ended_at or now
    door.record(
        session,
        row.account,
        "account.session_ended",
        actor=actor,
        role="self" if row.account_id == actor.account_id else "administrator",
        now=now,
    )


def end_sessions(session: Session, account: Account, *, now: datetime, but: str | None = None) -> None:
    """End every sign-in of an account, except the one whose secret is `but`."""
    open_ = update(AuthSession).where(AuthSession.account_id == account.id, AuthSession.ended_at.is_(None))
    if but is not None:
        open_ = open_.where(AuthSession.digest != _digest(but))
    session.execute(open_.values(ended_at=now))


def ask_reset(session: Session, mail_address: str, *, now: datetime, base_url: str) -> None:
    """Send a reset link if the account exists; the caller answers the same either way. At most three an hour."""
    account = session.execute(select(Account).where(Account.mail == mail_address.strip().lower())).scalar_one_or_none()
    if account is None or account.status != "active":
        return
    recent = session.execute(
        select(func.count())
        .select_from(OneTimeLink)
        .where(
            OneTimeLink.account_id == account.id,
            OneTimeLink.purpose == "reset",
            OneTimeLink.created_at > now - timedelta(hours=1),
        )
    ).scalar_one()
    if recent < 3:
        _send_link(session, account, "reset", RESET_LASTS, now=now, base_url=base_url)


def use_link(session: Session, token: str, password: str, *, now: datetime) -> Account:
    """Set the password by an invitation or reset: the link works once, and every other sign-in ends."""
    link = link_of(session, token, now=now)
    set_password(session, link.account, password, now=now)
    if link.account.status == "invited":
        link.account.status = "active"
    _void_links(session, link.account, now)
    door.record(session, link.account, f"account.{link.purpose}_used", actor=_self(link.account), role="self", now=now)
    return link.account


def link_of(session: Session, token: str, *, now: datetime) -> OneTimeLink:
    """The live link behind a token: unused, unexpired, and the account's mail still the one it was sent to."""
    link = session.execute(select(OneTimeLink).where(OneTimeLink.digest == _digest(token))).scalar_one_or_none()
    if (
        link is None
        or link.used_at is not None
        or link.expires_at <= now
        or link.mail != link.account.mail
        or link.account.status == "disabled"
    ):
        raise NotFound("people.link_dead")
    return link


def change_password(session: Session, old: str, new: str, *, actor: Actor, now: datetime, secret: str) -> None:
    account = session.get_one(Account, actor.account_id)
    if not _verify(account.password_hash or _NO_ACCOUNT, old):
        raise Invalid("people.wrong_password", problems={"old": "people.wrong_password"})
    set_password(session, account, new, now=now, keep=secret)
    door.record(session, account, "account.password_changed", actor=actor, role="self", now=now)


def set_password(session: Session, account: Account, password: str, *, now: datetime, keep: str | None = None) -> None:
    """Store a new password and end the other sign-ins."""
    problem = _password_problem(password, account.mail)
    if problem:
        raise Invalid(problem, problems={"password": problem}, least=SHORTEST, most=LONGEST)
    account.password_hash, account.password_at = _hasher.hash(password), now
    end_sessions(session, account, now=now, but=keep)


def set_language(session: Session, language: str, *, actor: Actor) -> None:
    """The language of the letters this account gets."""
    session.get_one(Account, actor.account_id).language = language


def register_applicant(
    session: Session,
    *,
    name: str,
    mail_address: str,
    organisation: str,
    business_no: str,
    now: datetime,
    base_url: str,
    language: str,
) -> None:
    """A company signs itself up: the link in the mail proves the address. A known address gets a reset link instead, unseen.

    A company that is on file already lets nobody in by itself: an administrator gives the role, so that knowing a
    registration number opens nothing.
    """
    address, found = _address(mail_address), identifiers.business_no(business_no)
    if found.fault:
        raise Invalid(found.fault, problems={"business_no": found.fault})
    number = found.clean.replace("-", "")
    if session.execute(select(Account.id).where(Account.mail == address)).first() is not None:
        ask_reset(session, address, now=now, base_url=base_url)
        return
    if session.execute(select(Organisation.id).where(Organisation.registration_no == number)).first() is not None:
        raise Duplicate("people.company_known", field="business_no")
    person = Person(name=name.strip())
    company = Organisation(name=organisation.strip(), key=organisation_key(organisation), registration_no=number)
    session.add_all([person, company])
    session.flush()
    account = Account(person_id=person.id, mail=address, language=language, created_at=now)
    session.add(account)
    session.flush()
    session.add(AccountRole(account_id=account.id, role="applicant", organisation_id=company.id, given_at=now))
    door.record(session, account, "account.registered", actor=_self(account), role="self", now=now)
    _send_link(session, account, "invitation", INVITATION_LASTS, now=now, base_url=base_url)


def password_hash(password: str) -> str:
    """argon2id with the library's parameters; for many accounts with one password it is computed once."""
    return _hasher.hash(password)


def _send_link(session: Session, account: Account, purpose: str, lasts: timedelta, *, now: datetime, base_url: str) -> None:
    token = secrets.token_urlsafe(32)
    session.add(
        OneTimeLink(
            account_id=account.id,
            purpose=purpose,
            digest=_digest(token),
            mail=account.mail,
            created_at=now,
            expires_at=now + lasts,
        )
    )
    mail.send(
        session,
        f"account_{purpose}",
        to=account.mail,
        language=account.language,
        key=f"{purpose}:{_digest(token)[:32]}",
        now=now,
        name=account.person.name,
        link=f"{base_url}/account/link/{token}",
        until=now + lasts,
    )


def _void_links(session: Session, account: Account, now: datetime) -> None:
    session.execute(
        update(OneTimeLink).where(OneTimeLink.account_id == account.id, OneTimeLink.used_at.is_(None)).values(used_at=now)
    )


def _throttle(session: Session, name: str, address: str, now: datetime) -> None:
    """Count failures in the database, per account and per address: losing the queue server resets nothing."""
    for column, key, most in (
        (SignInAttempt.account_digest, name, PER_ACCOUNT),
        (SignInAttempt.address_digest, address, PER_ADDRESS),
    ):
        last_good = (
            select(func.max(SignInAttempt.at)).where(column == _digest(key), SignInAttempt.succeeded.is_(True)).scalar_subquery()
        )
        failed = session.execute(
            select(func.count())
            .select_from(SignInAttempt)
            .where(
                column == _digest(key),
                SignInAttempt.at > now - WINDOW,
                SignInAttempt.succeeded.is_(False),
                (SignInAttempt.at > last_good) | last_good.is_(None),
            )
        ).scalar_one()
        if failed >= most:
            raise NotAllowed("people.too_many_attempts", minutes=int(WINDOW.total_seconds() // 60))


def _password_problem(password: str, mail_address: str) -> str | None:
    if not SHORTEST <= len(password) <= LONGEST:
        return "people.password_length"
    plain = password.lower()
    if len(set(plain)) < 4 or plain in mail_address or plain.strip("0123456789") in _COMMON:
        return "people.password_common"
    return None


# Stems of the passwords most often tried first; with digits around them they are no better.
_COMMON = frozenset(
    {
        "",
        "password",
        "qwerty",
        "qwertyuiop",
        "administrator",
        "welcome",
        "letmein",
        "iloveyou",
        "asdfghjkl",
        "abc",
        "abcdefghij",
        "zxcvbnm",
        "monkey",
        "dragon",
        "football",
        "princess",
        "sunshine",
        "changeme",
        "passw0rd",
    }
)


def _verify(stored: str, password: str) -> bool:
    try:
        return _hasher.verify(stored, password[:LONGEST])
    except (VerificationError, InvalidHashError):
        return False


def _address(text: str) -> str:
    address = text.strip().lower()
    name, at, host = address.partition("@")
    if not (name and at and "." in host) or any(c.isspace() or ord(c) < 32 for c in address) or len(address) > 254:
        raise Invalid("people.mail_form", problems={"mail": "people.mail_form"})
    return address


def find(session: Session, public_id: str) -> Account:
    row = session.execute(select(Account).where(Account.public_id == public_id)).scalar_one_or_none()
    if row is None:
        raise NotFound("not_found")
    return row


def _self(account: Account) -> Actor:
    return Actor(account.public_id, frozenset({"self"}), account_id=account.id)


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
