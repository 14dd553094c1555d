"""Timetable: network, service days, opening hours, trips, changes, and the departures of a date."""
