"""The reading side: frozen rows for pages, exports and API; counts only over what the viewer may see."""
