"""What is best: timetables and duties by OR-Tools, with proof. Only the planner's own child process imports it."""
