"""What a holder enters to ask for an extension, a change or a transfer: read, and checked against what the certificate states."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from app.documents import identifiers

TEXT_MOST = 5_000
LINES_MOST, LINE_MOST = 30, 80
NAME_MOST = 200
Entered = Mapping[str, str]
Problems = dict[str, str]


def read(kind: str, entered: Entered) -> dict[str, Any]:
    """The content of a request of this kind, as typed; what does not belong to it is left out."""
    content: dict[str, Any] = {"text": entered.get("text", "").strip()}
    if kind == "change":
        content |= {"nature": entered.get("nature", ""), "pledged": entered.get("pledged") == "yes"}
        content["models"] = _lines(entered.get("models", ""))
        content["item_ids"] = [identifiers.item_id(line).clean for line in _lines(entered.get("item_ids", ""))]
    elif kind == "transfer":
        content |= {name: entered.get(name, "").strip() for name in ("ground", "business_no", "company", "company_en")}
    return content


def check(
    kind: str, content: Mapping[str, Any], stated: Mapping[str, Any], *, natures: Sequence[str], grounds: Sequence[str]
) -> Problems:
    """One code for each field that cannot stand; `stated` is what the certificate states now."""
    problems = {} if 0 < len(content["text"]) <= TEXT_MOST else {"text": "request.text_form"}
    if kind == "change":
        problems |= _check_change(content, stated["product"], natures)
    elif kind == "transfer":
        problems |= _check_transfer(content, stated, grounds)
    return problems


def needs_evidence(kind: str, content: Mapping[str, Any]) -> bool:
    """Everything but a minor change, which a pledge carries."""
    return not (kind == "change" and content["nature"] == "minor")


def added(content: Mapping[str, Any], product: Mapping[str, Any]) -> dict[str, list[str]]:
    """The models and item numbers that are not on the certificate yet, in the order they were typed."""
    return {name: [one for one in content[name] if one not in (product.get(name) or [])] for name in ("models", "item_ids")}


def business_no(content: Mapping[str, Any]) -> str:
    """The ten digits as organisations store them."""
    return identifiers.business_no(content["business_no"]).clean.replace("-", "")


def _check_change(content: Mapping[str, Any], product: Mapping[str, Any], natures: Sequence[str]) -> Problems:
    problems: Problems = {}
    if content["nature"] not in natures:
        problems["nature"] = "request.nature_missing"
    if content["nature"] == "minor" and not content["pledged"]:
        problems["pledged"] = "request.pledge_missing"
    if len(content["models"]) > LINES_MOST or any(len(line) > LINE_MOST for line in content["models"]):
        problems["models"] = "request.lines_form"
    elif not any(added(content, product).values()):
        problems["models"] = "request.nothing_added"
    faults = [verdict.fault for verdict in map(identifiers.item_id, content["item_ids"]) if verdict.fault]
    if faults or len(content["item_ids"]) > LINES_MOST:
        problems["item_ids"] = faults[0] if faults else "request.lines_form"
    return problems


def _check_transfer(content: Mapping[str, Any], stated: Mapping[str, Any], grounds: Sequence[str]) -> Problems:
    problems: Problems = {}
    if content["ground"] not in grounds:
        problems["ground"] = "request.ground_missing"
    if not 0 < len(content["company"]) <= NAME_MOST or len(content["company_en"]) > NAME_MOST:
        problems["company"] = "request.company_form"
    verdict = identifiers.business_no(content["business_no"])
    if verdict.fault:
        problems["business_no"] = verdict.fault
    elif business_no(content) == stated["business_no"]:
        problems["business_no"] = "request.same_company"
    return problems


def _lines(text: str) -> list[str]:
    return list(dict.fromkeys(line for line in map(str.strip, text.splitlines()) if line))
