"""The procurement service: fitness review, certified list, pilot requests and pilots."""
