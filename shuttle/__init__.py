"""The shuttle service: departures, boardings, timetables and their proof, for a small public shuttle.

The house is pictured in README.md: domain, planner, feeds, store, services, and on top web, cli and jobs.
"""

__version__ = "0.1.0"
