"""What the marks of a panel say: rubric, totals, decision, flags, explanation, simulation.

A pure library on numpy and scipy: no input or output but its own rubric files, no clock, no global random state.
Only :mod:`scoring.command` opens files: it is ``python -m scoring.calibration``.

===========================  ==================================================================================
:mod:`scoring.rubric`       criteria, items, scale, gates, as data in two languages; ``load("ppir-default@1")``
:mod:`scoring.policy`       the rules of a round: frozen, stored as JSON, named by a digest
:mod:`scoring.records`      Sheet, Scores and the results: frozen dataclasses
:mod:`scoring.totals`       exact totals and their mean, trimmed mean or median
:mod:`scoring.variance`     how much of the spread is severity and how much noise: moments or REML
:mod:`scoring.calibration`  model F: values and severities with their errors, applied or not and why
:mod:`scoring.published`    what a policy publishes: the aggregate, calibrated where that applies, exact
:mod:`scoring.decision`     standing of an application, decision with reasons, ranking
:mod:`scoring.ranking`      ranks with intervals, P(top k), a seeded lottery for what is still tied
:mod:`scoring.lottery`      an order committed to by two officials before it is drawn, replayed by anybody
:mod:`scoring.influence`    every value without any one sheet or panellist; which decisions would flip
:mod:`scoring.flags`        prompts to reread one sheet: deviation from the panel, straight-lining
:mod:`scoring.patterns`     prompts from the whole round: severity, outliers, narrow range, pairs too alike
:mod:`scoring.reliability`  ICC and Krippendorff's alpha with bootstrap intervals
:mod:`scoring.graph`        who can be compared with whom
:mod:`scoring.compare`      raw, trimmed and calibrated: who moves, whose decision changes
:mod:`scoring.explain`      one row per sheet; the rows add up to the published value
:mod:`scoring.simulate`     marks with known truth, severity and noise
:mod:`scoring.power`        how many decisions a design gets wrong
:mod:`scoring.errors`       what can be wrong, one class per cause
===========================  ==================================================================================
"""
