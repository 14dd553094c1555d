"""Rows of the timetable: network, calendar, opening hours, timetables and changes."""
