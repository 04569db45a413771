"""The form of a call, drawn from and read by the labels of its rules: a new rule needs no new page."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from werkzeug.datastructures import MultiDict

from app.clock import KST
from app.queries.calls import CallRow
from app.workflow import rule_labels
from app.workflow.rule_labels import words
from app.workflow.rule_labels.words import RuleLabel
from app.workflow.rules import LISTS, Rules, SeatQuota
from scoring.rubric import available

QUOTAS: tuple[tuple[str, str, Mapping[str, str]], ...] = (
    *(("seat_type", key, label) for key, label in words.SEAT_TYPES.items()),
    *(("sector", key, label) for key, label in words.SECTORS.items()),
    *((attribute, key, label) for (attribute, key), label in words.AREAS.items()),
)


@dataclass
class CallForm:
    """What stands in the form; `problems` by field name, with the code of what is wrong."""

    code: str = ""
    title_ko: str = ""
    title_en: str = ""
    opens_at: str = ""
    closes_at: str = ""
    rubric: str = "ppir-default@1"
    reason: str = ""
    rules: Rules = field(default_factory=Rules)
    problems: dict[str, str] = field(default_factory=dict)

    @property
    def quotas(self) -> Mapping[tuple[str, str], SeatQuota]:
        return {(q.attribute, q.value): q for q in self.rules.quotas}

    @property
    def rubrics(self) -> tuple[str, ...]:
        return available()

    def moment(self, name: str) -> datetime:
        return datetime.fromisoformat(getattr(self, name)).replace(tzinfo=KST)


def blank(now: datetime) -> CallForm:
    """A new call: a month from now by default, with the programme's rules."""
    day = now.astimezone(KST).replace(hour=9, minute=0, second=0, microsecond=0)
    month_later = day.replace(year=day.year + (day.month == 12), month=day.month % 12 + 1, day=min(day.day, 28), hour=18)
    return CallForm(opens_at=_local(day), closes_at=_local(month_later))


def of(call: CallRow) -> CallForm:
    return CallForm(
        call.code, call.title["ko"], call.title["en"], _local(call.opens_at), _local(call.closes_at), call.rubric, "", call.rules
    )


def read(form: MultiDict[str, str], before: Rules) -> CallForm:
    """What was entered; a value that cannot be read stays as it was and is named in `problems`."""
    out = CallForm(
        **{
            name: form.get(name, "").strip()
            for name in ("code", "title_ko", "title_en", "opens_at", "closes_at", "rubric", "reason")
        }
    )
    values = before.as_json()
    for group in rule_labels.GROUPS:
        for label in group.rules:
            try:
                values[label.name] = _value(label, form)
            except ValueError:
                out.problems[label.name] = "rules.not_a_number"
    values["quotas"] = _quotas(form, out.problems)
    out.rules = Rules(**{**values, **{name: tuple(values[name]) for name in LISTS}})
    for name in ("opens_at", "closes_at"):
        try:
            out.moment(name)
        except ValueError:
            out.problems[name] = "call.not_a_moment"
    if not out.title_ko and not out.title_en:
        out.problems["title_ko"] = "call.title_missing"
    return out


def _value(label: RuleLabel, form: MultiDict[str, str]) -> Any:
    name = f"rule-{label.name}"
    if label.kind == "choices":
        return form.getlist(name)
    if label.kind == "flag":
        return name in form
    if label.kind == "whole":
        return int(form.get(name, "").replace(",", ""))
    if label.kind == "points":
        entered = {key: form.get(f"{name}-{key}", "").strip() for key in label.choices or ()}
        return {key: int(text) for key, text in entered.items() if text}
    if label.kind == "numbers":
        return [int(part) for part in form.get(name, "").replace(",", " ").split()]
    return form.get(name, "").strip()


def _quotas(form: MultiDict[str, str], problems: dict[str, str]) -> tuple[SeatQuota, ...]:
    found = []
    for attribute, value, _label in QUOTAS:
        texts = [form.get(f"quota-{attribute}-{value}-{end}", "").strip() for end in ("least", "most")]
        try:
            least, most = int(texts[0] or 0), int(texts[1]) if texts[1] else None
        except ValueError:
            problems["quotas"] = "rules.not_a_number"
            continue
        if least or most is not None:
            found.append(SeatQuota(attribute, value, least, most))
    return tuple(found)


def _local(moment: datetime) -> str:
    return moment.astimezone(KST).strftime("%Y-%m-%dT%H:%M")
