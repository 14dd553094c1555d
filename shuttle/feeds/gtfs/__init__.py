"""GTFS: the schedule, its import, realtime and GTFS-ride."""
