"""Schedule files (TOML): network, calendar, opening hours, timetables and duty rules."""
