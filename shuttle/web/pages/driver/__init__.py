"""Pages for drivers: the day on a phone, and the calendar of duties."""
