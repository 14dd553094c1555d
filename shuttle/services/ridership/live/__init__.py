"""Live data from passings: today's state, its events, and the punctuality of past departures."""
