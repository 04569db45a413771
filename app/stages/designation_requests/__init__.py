"""What a holder asks of a designation: `filing` by the holder, `deciding` by two coordinators, `effects` of what was granted."""
