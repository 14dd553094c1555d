"""`shuttle export boardings`, `tides` and `gtfs-ride`: exact counts as files, each export a line in the record of acts."""

from shuttle.cli.common import TERMINAL, errors
from shuttle.cli.timetable.exports import Asked
from shuttle.domain.ridership.counted_departures import CountedSpan
from shuttle.feeds.counts.boardings_csv import boardings_csv
from shuttle.feeds.counts.tides import tides_files
from shuttle.feeds.gtfs.ride import gtfs_ride_files
from shuttle.feeds.gtfs.schedule import zipped
from shuttle.language import words
from shuttle.services.app_context import AppContext
from shuttle.services.ridership.count_exports import take_counts
from shuttle.settings import Settings


def write_boardings(context: AppContext, _settings: Settings, asked: Asked) -> bytes:
    """All that was ever counted unless dates are given."""
    return boardings_csv(take_counts(context, TERMINAL, asked.first, asked.last, "boardings")).encode()


def write_tides(context: AppContext, settings: Settings, asked: Asked) -> bytes:
    """All that was ever counted unless dates are given; a zip of the package's files."""
    counted = take_counts(context, TERMINAL, asked.first, asked.last, "tides")
    _tell_forgotten(counted)
    return zipped(tides_files(counted, context.schedule().network, settings.zone, words(asked.language)))


def write_gtfs_ride(context: AppContext, _settings: Settings, asked: Asked) -> bytes:
    """All that was ever counted unless dates are given."""
    counted = take_counts(context, TERMINAL, asked.first, asked.last, "gtfs-ride")
    _tell_forgotten(counted)
    return zipped(gtfs_ride_files(context.schedule(), counted, words(asked.language)))


def _tell_forgotten(counted: CountedSpan) -> None:
    """Say what the format has no place for: it stands in `boardings`."""
    if counted.forgotten:
        errors.print(f"{len(counted.forgotten)} counts of trips that no timetable knows any more are left out")
