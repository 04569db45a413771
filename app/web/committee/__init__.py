"""The committee: meetings, bundles, opinions, decisions by two members."""
