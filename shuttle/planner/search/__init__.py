"""The search of a day type: first timetables, exchange, proofs along the Pareto front, conflicts and hindsight."""
