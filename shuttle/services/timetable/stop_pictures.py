"""The picture of a stop: entered and taken away by planners, each an act on facts that can be undone."""

from hashlib import sha256

from sqlalchemy.orm import Session

from shuttle.domain.access.permissions import Person
from shuttle.domain.basics.errors import NotFound
from shuttle.domain.timetable.departures import Schedule
from shuttle.domain.timetable.facts.changes import FactGroup
from shuttle.domain.timetable.facts.pictures import StopPicture
from shuttle.feeds.pictures import read_picture
from shuttle.services.timetable.facts import FactChange, Moment, change_rows, check_stop
from shuttle.store.tables.facts import FactActRow
from shuttle.store.timetable import stop_pictures as store


def change_picture(
    session: Session, person: Person | None, stop: str, content: bytes, alt: dict[str, str], moment: Moment
) -> FactActRow:
    """A stop's picture and its alternative text by language (`nb`, and `nn`, `en` where they differ). Without `content` the
    picture stays, and gets these texts.

    Raises NotFound (`unknown-stop`, `no-picture`), Invalid (`not-a-picture`, `large-picture`, `no-alternative-text`,
    `long-text`), Refused (`nothing-changed`).
    """

    def write(schedule: Schedule) -> None:
        check_stop(schedule, stop)
        picture = read_picture(content or _present(session, stop))
        described = StopPicture(
            stop=stop,
            width=picture.width,
            height=picture.height,
            digest=sha256(picture.content).hexdigest()[:16],
            alt=alt.get("nb", "").strip(),
            alt_nn=alt.get("nn", "").strip(),
            alt_en=alt.get("en", "").strip(),
        )
        store.write_picture(session, described, picture.media_type, picture.content)

    return change_rows(session, person, _act(stop), write, moment)


def remove_picture(session: Session, person: Person | None, stop: str, moment: Moment) -> FactActRow:
    """Take a stop's picture away. Raises NotFound (`unknown-stop`, `no-picture`)."""

    def write(schedule: Schedule) -> None:
        check_stop(schedule, stop)
        _present(session, stop)
        store.delete_picture(session, stop)

    return change_rows(session, person, _act(stop), write, moment)


def _act(stop: str) -> FactChange:
    return FactChange(group=FactGroup.PICTURE, key=stop, first=None, details={})


def _present(session: Session, stop: str) -> bytes:
    stored = store.picture_content(session, stop)
    if stored is None:
        raise NotFound("no-picture", f"the stop {stop} has no picture", given=stop)
    return stored[1]
