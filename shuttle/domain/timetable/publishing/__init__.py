"""Publishing: what a timetable that begins or ends to apply changes for passengers, and what a planner decides about that."""
