"""`shuttle export boardings`, `tides` and `gtfs-ride`: exact counts as files; each export is an entry of the audit log."""

from shuttle.cli.common import TERMINAL, errors
from shuttle.cli.timetable.exports import ExportOptions
from shuttle.domain.ridership.counted_departures import CountedSpan
from shuttle.domain.ridership.destination_sums import riders_by_departure
from shuttle.feeds.counts.boardings_csv import boardings_csv
from shuttle.feeds.counts.tides import tides_files
from shuttle.feeds.gtfs.ride import gtfs_ride_files
from shuttle.feeds.gtfs.tables import zipped
from shuttle.language import words
from shuttle.services.app_context import AppContext
from shuttle.services.ridership.count_exports import export_counts
from shuttle.services.ridership.live.punctuality import reported_passings
from shuttle.settings import Settings


def write_boardings(context: AppContext, _settings: Settings, options: ExportOptions) -> bytes:
    """CSV of the counts of the dates, or of all counts."""
    counted = export_counts(context, TERMINAL, options.first, options.last, "boardings")
    return boardings_csv(counted, riders_by_departure(context.schedule(), counted)).encode()


def write_tides(context: AppContext, settings: Settings, options: ExportOptions) -> bytes:
    """TIDES package of the counts of the dates, or of all counts; a zip of its files."""
    counted = export_counts(context, TERMINAL, options.first, options.last, "tides")
    _name_left_out(counted)
    schedule = context.schedule()
    publisher = settings.publisher_for(schedule.details)
    reported = reported_passings(context, counted.span)
    riders = riders_by_departure(schedule, counted)
    return zipped(tides_files(counted, schedule.network, words(options.language), publisher, reported, riders))


def write_gtfs_ride(context: AppContext, settings: Settings, options: ExportOptions) -> bytes:
    """GTFS-ride of the counts of the dates, or of all counts; a zip of its files."""
    counted = export_counts(context, TERMINAL, options.first, options.last, "gtfs-ride")
    _name_left_out(counted)
    schedule = context.schedule()
    publisher = settings.publisher_for(schedule.details)
    riders = riders_by_departure(schedule, counted)
    return zipped(gtfs_ride_files(schedule, counted, words(options.language), publisher, riders))


def _name_left_out(counted: CountedSpan) -> None:
    """Print how many counts the format leaves out; the format `boardings` has them."""
    if counted.forgotten:
        errors.print(f"{len(counted.forgotten)} counts of trips that are in no timetable any more are left out")
