"""Acts on duties: the roster and drivers' calendars."""
