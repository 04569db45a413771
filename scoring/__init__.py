"""What the marks of a panel say: rubric, totals, decision, flags, explanation, simulation.

A pure library on numpy: no input or output but its own rubric files, no clock, no global random state.

======================  ==================================================================================
:mod:`scoring.rubric`    criteria, items, scale, gates, as data in two languages; ``load("ppir-default@1")``
:mod:`scoring.policy`    the rules of a round: frozen, stored as JSON, named by a digest
:mod:`scoring.records`   Sheet, Scores, Policy and the results: frozen dataclasses
:mod:`scoring.errors`    what can be wrong, one class per cause
======================  ==================================================================================
"""
