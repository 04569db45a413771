"""To whom letters about a designation go: whoever applied, and after a transfer everybody who acts for the new holder."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app import mail
from app.models.designations import Designation
from app.models.people import Account, AccountRole


def accounts(session: Session, row: Designation) -> list[Account]:
    """The holder's accounts; none where nobody has signed up for the company yet."""
    owner = row.application.owner
    if owner is not None and row.organisation_id == row.application.organisation_id:
        return [owner]
    acting = (
        select(Account)
        .join(AccountRole, AccountRole.account_id == Account.id)
        .where(
            AccountRole.role == "applicant",
            AccountRole.organisation_id == row.organisation_id,
            AccountRole.ended_at.is_(None),
            Account.status != "disabled",
        )
        .order_by(Account.id)
    )
    return list(dict.fromkeys(session.execute(acting).scalars()))


def tell(
    session: Session,
    row: Designation,
    template: str,
    *,
    key: str,
    now: datetime,
    link: str,
    to: Sequence[Account] | None = None,
    **values: Any,
) -> None:
    """One letter to each account of the holder, in the language of its reader; the same key is the same letter."""
    for account in accounts(session, row) if to is None else to:
        mail.send(
            session,
            template,
            to=account.mail,
            language=account.language,
            key=f"{key}:{account.id}",
            now=now,
            name=account.person.name,
            number=row.number,
            title=row.application.title,
            link=link,
            **values,
        )
