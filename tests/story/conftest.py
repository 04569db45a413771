"""The world of the story."""

from tests.story.world import world

__all__ = ["world"]
