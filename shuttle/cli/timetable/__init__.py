"""Commands on the timetable: departures, import, check and export."""
