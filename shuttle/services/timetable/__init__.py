"""Acts on the timetable: drafts, publications, changes of departures and reference data."""
