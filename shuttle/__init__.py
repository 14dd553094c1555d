"""The shuttle service: departures, boardings, timetables and their proof, for a small public shuttle.

shuttle/README.md draws the layers: domain, language, planner, feeds, store, services, and on top web, cli and jobs.
"""

__version__ = "0.1.0"
