"""Acts on the timetable: drafts, publishing, changes of a day, and reference data."""
