"""Pages of the timetable: drafts and their publishing, and the calendar of coming days."""
