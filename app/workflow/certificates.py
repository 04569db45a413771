"""What a certificate states is kept version by version: what anybody once printed can be shown again."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from app import journal
from app.models.designations import CertificateVersion, Designation
from app.workflow.actors import Actor


def issue(session: Session, row: Designation, *, actor: Actor, now: datetime) -> CertificateVersion:
    """The next version, with the designation as it stands now; earlier ones stay."""
    content = stated(row)
    version = CertificateVersion(
        number=len(row.certificates) + 1, content=content, digest=journal.sha256(content), by_id=actor.account_id, at=now
    )
    row.certificates.append(version)
    session.flush()
    return version


def stated(row: Designation) -> dict[str, Any]:
    """The certificate's content; the project and the pilot plan are no part of it."""
    return {
        "number": row.number,
        "company": {"ko": row.organisation.name, "en": row.organisation.name_en or row.organisation.name},
        "business_no": row.organisation.registration_no or "",
        "product": {name: row.product.get(name) for name in ("name_ko", "name_en", "models", "detail_item_no", "item_ids")},
        "term": row.term,
        "designated_on": row.designated_on.isoformat(),
        "valid_from": row.valid_from.isoformat(),
        "valid_until": row.valid_until.isoformat(),
        "legal_ground": row.legal_ground,
        "authority": row.authority,
        "conditions": row.conditions,
    }
