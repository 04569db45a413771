"""From affinities to panels: `panels.assign` for programs, `python -m reviewers.assignment` for files.

This package imports nothing by itself, so that the command can say how many threads it wants before NumPy starts them.
"""
