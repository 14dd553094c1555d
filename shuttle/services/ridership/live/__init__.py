"""What passings tell: today as it goes, what changed since, and how punctual past departures were."""
