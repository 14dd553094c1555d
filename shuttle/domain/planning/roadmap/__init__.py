"""Roadmap: opening hours and timetables chosen together for several steps over the years."""
