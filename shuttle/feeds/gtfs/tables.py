"""GTFS files: CSV tables in a zip, the same bytes for the same content.

Times of day are written as GTFS counts them: hours, minutes and seconds since noon minus 12 hours, beyond 24 after midnight.
"""

import csv
import io
import zipfile
from collections.abc import Iterable, Sequence
from datetime import date

from shuttle.domain.basics.service_time import Minute

Row = tuple[object, ...]


def zipped(files: dict[str, str]) -> bytes:
    """Texts as a zip archive. Its entries carry no time of writing."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in files.items():
            entry = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = 0o644 << 16
            archive.writestr(entry, text)
    return buffer.getvalue()


def table(columns: Sequence[str], rows: Iterable[Row]) -> str:
    """A table as CSV with CRLF, its header first."""
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    writer.writerow(columns)
    writer.writerows(rows)
    return buffer.getvalue()


def gtfs_time(minute: Minute) -> str:
    """HH:MM:SS since noon minus 12 hours of the service date."""
    return f"{minute // 60:02d}:{minute % 60:02d}:00"


def gtfs_date(day: date) -> str:
    """YYYYMMDD."""
    return day.strftime("%Y%m%d")
