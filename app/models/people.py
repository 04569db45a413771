"""Who somebody is (Person), how they sign in (Account), what they may act as (AccountRole), where they belong (Organisation)."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.db import Base, Public


class Organisation(Public, Base):
    __tablename__ = "organisation"

    name: Mapped[str] = mapped_column(String(200))
    name_en: Mapped[str] = mapped_column(String(200), default="")
    key: Mapped[str] = mapped_column(String(200), index=True)  # reviewers.organisations.organisation_key(name)
    kind: Mapped[str] = mapped_column(String(16), default="company")  # company, university, institute, public
    registration_no: Mapped[str | None] = mapped_column(String(10), unique=True)
    region: Mapped[str] = mapped_column(String(40), default="")
    size: Mapped[str] = mapped_column(String(16), default="")
    address: Mapped[str] = mapped_column(String(300), default="")
    names: Mapped[list[OrganisationName]] = relationship(back_populates="organisation", cascade="all, delete-orphan")


class OrganisationName(Base):
    """A further name the same organisation goes or went by."""

    __tablename__ = "organisation_name"
    __table_args__ = (UniqueConstraint("organisation_id", "key"),)

    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"))
    name: Mapped[str] = mapped_column(String(200))
    key: Mapped[str] = mapped_column(String(200), index=True)
    valid_until: Mapped[date | None]
    organisation: Mapped[Organisation] = relationship(back_populates="names")


class Person(Public, Base):
    __tablename__ = "person"

    name: Mapped[str] = mapped_column(String(120))
    name_en: Mapped[str] = mapped_column(String(120), default="")
    orcid: Mapped[str | None] = mapped_column(String(19), unique=True)
    researcher_no: Mapped[str | None] = mapped_column(String(8), unique=True)  # national researcher number
    merged_into_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))


class Account(Public, Base):
    __tablename__ = "account"
    __table_args__ = (CheckConstraint("status IN ('invited', 'active', 'disabled')", name="status"),)

    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    mail: Mapped[str] = mapped_column(String(254), unique=True)  # lower case: the sign-in name
    password_hash: Mapped[str | None] = mapped_column(String(200))
    language: Mapped[str] = mapped_column(String(2), default="ko")
    status: Mapped[str] = mapped_column(String(16), default="invited")
    demo: Mapped[bool] = mapped_column(default=False)  # works only in a database marked demo
    created_at: Mapped[datetime]
    password_at: Mapped[datetime | None]
    person: Mapped[Person] = relationship()
    roles: Mapped[list[AccountRole]] = relationship(back_populates="account", foreign_keys="AccountRole.account_id")


class AccountRole(Base):
    """A role given and, one day, ended; rows are never deleted."""

    __tablename__ = "account_role"
    __table_args__ = (Index("ix_account_role_open", "account_id", "role"),)

    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    role: Mapped[str] = mapped_column(String(20))
    organisation_id: Mapped[int | None] = mapped_column(ForeignKey("organisation.id"))
    given_by_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    given_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    account: Mapped[Account] = relationship(back_populates="roles", foreign_keys=[account_id])
    organisation: Mapped[Organisation | None] = relationship()


class AuthSession(Public, Base):
    """A signed-in browser: the cookie holds the secret, this row its digest, so that it can be revoked."""

    __tablename__ = "auth_session"

    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"), index=True)
    digest: Mapped[str] = mapped_column(String(64), unique=True)
    created_at: Mapped[datetime]
    seen_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    device: Mapped[str] = mapped_column(String(200), default="")
    address: Mapped[str] = mapped_column(String(64), default="")
    account: Mapped[Account] = relationship()


class OneTimeLink(Base):
    """An invitation or a password reset: works once, until it expires; only the digest is stored."""

    __tablename__ = "one_time_link"

    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"), index=True)
    purpose: Mapped[str] = mapped_column(String(16))  # invitation, reset
    digest: Mapped[str] = mapped_column(String(64), unique=True)
    mail: Mapped[str] = mapped_column(String(254))  # void once the account's mail changed
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]
    account: Mapped[Account] = relationship()


class SignInAttempt(Base):
    """What the throttle counts; digests, so that the table names nobody."""

    __tablename__ = "sign_in_attempt"
    __table_args__ = (Index("ix_sign_in_attempt_account", "account_digest", "at"),
                      Index("ix_sign_in_attempt_address", "address_digest", "at"))

    account_digest: Mapped[str] = mapped_column(String(64))
    address_digest: Mapped[str] = mapped_column(String(64))
    at: Mapped[datetime]
    succeeded: Mapped[bool]
