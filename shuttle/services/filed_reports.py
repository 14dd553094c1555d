"""Reports that the house writes by itself when a period is over, as files: the fortnight's, the six weeks', the year's.

A file is written on the first morning after its period, marked as preliminary, and once more when late counts have been waited
for as long as for released figures. After that it stays what it was, whatever is counted or corrected later: what a meeting has
had on the table is not another paper next week.
"""

import os
import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from tempfile import mkstemp

from shuttle.domain.access import Action, Person, allow
from shuttle.domain.errors import Invalid, NotFound, Unavailable
from shuttle.domain.fortnights import ANCHOR, Period, latest
from shuttle.domain.ridership import Span
from shuttle.language import Words
from shuttle.services.house import House
from shuttle.services.releases import GRACE
from shuttle.services.reports import written_report
from shuttle.store.acts import record_act
from shuttle.store.releases import first_counted

FORMATS = ("pdf", "csv")
_NAME = re.compile(
    rf"(?P<period>{'|'.join(Period)})-(?P<first>\d{{4}}-\d\d-\d\d)-(?P<last>\d{{4}}-\d\d-\d\d)(?P<mark>-preliminary)?"
    rf"\.(?P<wanted>{'|'.join(FORMATS)})"
)


@dataclass(frozen=True)
class FiledReport:
    """A file in the folder of reports; `preliminary`: late counts are still waited for."""

    period: Period
    span: Span
    wanted: str
    preliminary: bool

    @property
    def name(self) -> str:
        mark = "-preliminary" if self.preliminary else ""
        return f"{self.period}-{self.span.first}-{self.span.last}{mark}.{self.wanted}"


def write_due(
    house: House, person: Person | None, folder: Path, words: Words, fonts: Path | None, anchor: date = ANCHOR
) -> tuple[FiledReport, ...]:
    """Write what is due and not there; what was written. Raises Unavailable (`file-not-written`)."""
    person = allow(person, Action.ADMINISTER)
    with house.reading() as session:
        begun = first_counted(session)
    made = []
    for period in Period:
        span = latest(period, house.today(), anchor)
        if begun is None or begun > span.last:  # of days before the first count there is nothing to report
            continue
        preliminary = house.today() <= span.last + GRACE
        for wanted in FORMATS:
            report = FiledReport(period, span, wanted, preliminary)
            if not (folder / report.name).exists():
                _put(folder / report.name, written_report(house, person, span, words, wanted, fonts))
                made.append(report)
    _forget_preliminary(folder)
    return tuple(made)


def _put(path: Path, content: bytes) -> None:
    """The file is there whole or not at all, and nothing is left of one that the disk had no room for."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = mkstemp(dir=path.parent, prefix=f".{path.name}.")
        part = Path(name)
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(content)
            part.replace(path)
        finally:
            part.unlink(missing_ok=True)
    except OSError as error:
        raise Unavailable("file-not-written", f"{path} cannot be written: {error.strerror}", given=str(path)) from None


def _forget_preliminary(folder: Path) -> None:
    """Take away what has been written for good since."""
    for report in list(_in(folder)):
        final = FiledReport(report.period, report.span, report.wanted, preliminary=False)
        if report.preliminary and (folder / final.name).exists():
            (folder / report.name).unlink(missing_ok=True)


def filed_reports(person: Person | None, folder: Path) -> list[FiledReport]:
    """What has been written, the latest period first, for who may see exact figures."""
    allow(person, Action.READ_EXACT_RIDERSHIP)
    return sorted(_in(folder), key=lambda found: (found.span.last, found.span.first, found.wanted), reverse=True)


def _in(folder: Path) -> Iterator[FiledReport]:
    """What is named as a report; a name with dates that no calendar has is none of ours."""
    for path in folder.glob("*.*"):
        if found := _NAME.fullmatch(path.name):
            with suppress(ValueError, Invalid):
                span = Span(date.fromisoformat(found["first"]), date.fromisoformat(found["last"]))
                yield FiledReport(Period(found["period"]), span, found["wanted"], bool(found["mark"]))


def read_filed(house: House, person: Person | None, folder: Path, name: str) -> tuple[FiledReport, bytes]:
    """A report as it was written, and a line in the record of acts. Raises NotFound (`unknown-report`).

    What is wanted is looked up among the names found in the folder, never made into a path.
    """
    person = allow(person, Action.READ_EXACT_RIDERSHIP)
    try:
        report = next(found for found in _in(folder) if found.name == name)
        content = (folder / report.name).read_bytes()
    except (StopIteration, FileNotFoundError):  # the second: a preliminary one, taken away just now
        raise NotFound("unknown-report", f"there is no report {name[:80]!r}", given=name[:80]) from None
    with house.transaction() as session:
        record_act(session, house.now(), person.name, person.role.value, "read-report", report.name)
    return report, content
