"""Conflicts of interest around the library's grounds: the facts it is given, the ledger of what it found, and whom that bars."""
