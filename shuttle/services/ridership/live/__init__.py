"""Today as it goes: expected times, and what changed since."""
