"""Who should judge: a pure library that turns texts, declarations and rules into panels of experts.

Import the module you need (``from reviewers.records import Expert``); this package imports nothing by itself, so a
web process that only needs the records never loads a model.
"""
