"""What the marks of a panel say: rubric, totals, decision, flags, explanation, simulation.

A pure library on numpy: no input or output but its own rubric files, no clock, no global random state.

======================  ==================================================================================
:mod:`scoring.rubric`    criteria, items, scale, gates, as data in two languages; ``load("ppir-default@1")``
:mod:`scoring.policy`    the rules of a round: frozen, stored as JSON, named by a digest
:mod:`scoring.records`   Sheet, Scores and the results: frozen dataclasses
:mod:`scoring.totals`    exact totals and their mean, trimmed mean or median
:mod:`scoring.decision`  standing of an application, decision with reasons, ranking
:mod:`scoring.flags`     prompts to reread: deviation from the panel, straight-lining
:mod:`scoring.explain`   one row per sheet; the rows add up to the published value
:mod:`scoring.simulate`  marks with known truth, severity and noise
:mod:`scoring.errors`    what can be wrong, one class per cause
======================  ==================================================================================
"""
