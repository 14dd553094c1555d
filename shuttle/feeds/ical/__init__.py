"""iCalendar: departures, opening hours and duties as calendars."""
