"""File and feed formats: schedule files, calendar feeds, GTFS, NeTEx and print.

Every writer asks `Schedule.departures_on` and nothing else what leaves on a date, so that no two outputs can disagree.
"""
