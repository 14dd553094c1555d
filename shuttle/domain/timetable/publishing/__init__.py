"""Publishing: effects on passengers and drivers when a timetable begins or ends to apply, and a planner's decisions on them."""
