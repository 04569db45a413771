"""What each rule of a call means, in words: label, explanation, kind of input and choices. The form of a call is drawn from it."""

from __future__ import annotations

from app.workflow.rule_labels import after, eligibility, panels, scoring
from app.workflow.rule_labels.words import RuleGroup, RuleLabel

GROUPS: tuple[RuleGroup, ...] = (eligibility.GROUP, panels.GROUP, scoring.GROUP, after.GROUP)
RULE: dict[str, RuleLabel] = {rule.name: rule for group in GROUPS for rule in group.rules}
