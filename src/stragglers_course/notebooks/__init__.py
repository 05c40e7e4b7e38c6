"""Notebooks as data: read whatever their format, and what of a cell ran."""
