"""Counts as files: CSV, TIDES packages and sheets of paper counts."""
