"""Rows of duties: the roster and drivers' calendars."""
