"""The certified list's rows: the columns of the public mall with ours, one row per designation; the difference of two editions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.documents.form import UNITS
from app.models.designations import Designation
from reviewers.fields import all_fields

LISTED = ("active", "suspended", "cancelling")  # what ended is no longer a product of the list


@dataclass(frozen=True)
class Column:
    """`mall`: the name of the column in the public mall's open data; empty for a column of ours."""

    key: str
    ko: str
    en: str
    mall: str = ""


COLUMNS: tuple[Column, ...] = (
    Column("number", "지정번호", "Designation number", "지정기관통합번호값"),
    Column("status", "상태", "Status"),
    Column("business_no", "사업자등록번호", "Business registration number", "업체사업자등록번호"),
    Column("company", "업체명", "Company"),
    Column("product_ko", "제품명", "Product (Korean)"),
    Column("product_en", "제품명(영문)", "Product (English)"),
    Column("item_class_no", "물품분류번호", "Item class number", "물품분류"),
    Column("item_ids", "물품식별번호", "Item identification numbers", "물품식별"),
    Column("detail_item_no", "세부품명번호", "Detailed item number", "세부품명"),
    Column("models", "모델명", "Models", "혁신상품모델명"),
    Column("authority", "지정기관", "Designating authority", "혁신상품지정기관명"),
    Column("certificates", "제품 인증", "Product certificates", "혁신제품인증목록"),
    Column("company_certificates", "업체 인증", "Company certificates", "혁신업체인증목록"),
    Column("price_krw", "제시가격(원)", "Offered price (KRW)", "업체제시가격"),
    Column("unit", "거래단위", "Unit of sale", "거래단위명"),
    Column("category_major", "대분류", "Major category", "혁신대분류카테고리"),
    Column("category_middle", "중분류", "Middle category", "혁신중분류카테고리"),
    Column("designated_on", "지정일", "Designated on"),
    Column("valid_from", "유효 시작일", "Valid from"),
    Column("valid_until", "유효 만료일", "Valid until"),
    Column("legal_ground", "법적 근거", "Legal ground"),
    Column("verify_id", "진위확인 번호", "Verification id"),
)
COLUMN = {column.key: column for column in COLUMNS}


@dataclass(frozen=True)
class Delta:
    """Designation numbers, and for a changed one what stood before and what stands now."""

    added: tuple[str, ...]
    removed: tuple[str, ...]
    changed: Mapping[str, Mapping[str, tuple[Any, Any]]]

    @property
    def empty(self) -> bool:
        return not (self.added or self.removed or self.changed)

    def as_json(self) -> dict[str, Any]:
        return {
            "added": list(self.added),
            "removed": list(self.removed),
            "changed": {n: {k: list(v) for k, v in fields.items()} for n, fields in self.changed.items()},
        }


def current(session: Session, day: date) -> list[dict[str, Any]]:
    """The list as it stands on `day`, by number."""
    rows = session.execute(
        select(Designation)
        .where(Designation.status.in_(LISTED), Designation.valid_until >= day)
        .order_by(Designation.series, Designation.serial)
    ).scalars()
    return [row_of(row) for row in rows]


def row_of(row: Designation) -> dict[str, Any]:
    product = row.product
    detail = str(product.get("detail_item_no") or "")
    field = all_fields().get(str(product.get("field_1") or ""))
    units = {u.key: u.ko for u in UNITS}
    return {
        "number": row.number,
        "status": "suspended" if row.status == "suspended" else "active",
        "business_no": row.organisation.registration_no or "",
        "company": row.organisation.name,
        "product_ko": product.get("name_ko") or "",
        "product_en": product.get("name_en") or "",
        "item_class_no": detail[:8],
        "item_ids": " ".join(product.get("item_ids") or []),
        "detail_item_no": detail,
        "models": ", ".join(product.get("models") or []),
        "authority": row.authority,
        "certificates": ", ".join(f"{c.get('kind', '')} {c.get('number', '')}".strip() for c in product.get("certificates") or []),
        "company_certificates": "",
        "price_krw": product.get("price_krw"),
        "unit": units.get(str(product.get("unit")), str(product.get("unit") or "")),
        "category_major": product.get("field_1") or "",
        "category_middle": field.ko if field else "",
        "designated_on": row.designated_on.isoformat(),
        "valid_from": row.valid_from.isoformat(),
        "valid_until": row.valid_until.isoformat(),
        "legal_ground": row.legal_ground,
        "verify_id": row.verify_id,
    }


def difference(before: Sequence[Mapping[str, Any]], after: Sequence[Mapping[str, Any]]) -> Delta:
    old, new = ({str(r["number"]): r for r in rows} for rows in (before, after))
    changed = {n: {k: (old[n].get(k), new[n].get(k)) for k in new[n] if old[n].get(k) != new[n].get(k)} for n in new if n in old}
    return Delta(
        tuple(n for n in new if n not in old), tuple(n for n in old if n not in new), {n: c for n, c in changed.items() if c}
    )
