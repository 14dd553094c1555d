"""Everything saved, restored and compared, on both databases and across; and no restore loses a count."""

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from zipfile import ZipFile

import pytest

from shuttle.domain.access import Person, Role
from shuttle.domain.boardings import Count
from shuttle.domain.changes import ChangeKind, ReasonCode
from shuttle.domain.errors import Invalid, Refused, Unavailable
from shuttle.domain.fortnights import Period
from shuttle.domain.ridership import Span
from shuttle.services import backups, rollup
from shuttle.services.access import create_token
from shuttle.services.boardings import record_and_wait
from shuttle.services.changes import change_departure
from shuttle.services.house import House
from shuttle.services.installation import open_house
from shuttle.store import copies, filed_reports
from shuttle.store.filed_reports import FiledReport
from tests.conftest import NOON, OSLO, a_database

pytestmark = pytest.mark.slow

ADMIN = Person("a", "Admin", Role.ADMIN)
DRIVER = Person("d", "Bus", Role.DRIVER)
EVERY_BYTE = bytes(range(256))


def ride(house: House, back: int) -> None:
    day = house.today() - timedelta(back)
    departure = house.schedule().departures_on(day).departures[0].id
    record_and_wait(house, DRIVER, Count(departure, "vagsbunnen", back % 9, full=True), f"key-{back}")


@pytest.fixture(params=["sqlite", "postgres"])
def other(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[House]:
    """Another database, filled like a new installation."""
    folder = tmp_path / "other"
    folder.mkdir()
    for url in a_database(request.param, folder, filled=True):
        found = open_house(url, OSLO)
        found.now = lambda: NOON
        yield found
        found.close()


def everything(house: House) -> dict[str, tuple[int, str]]:
    with house.reading() as session:
        return copies.digests(session)


def test_what_was_saved_is_restored_into_either_kind_of_database(house: House, other: House, tmp_path: Path) -> None:
    for back in range(1, 12):
        ride(house, back)
    report = FiledReport(Period.YEAR, Span(date(2025, 1, 1), date(2025, 12, 31)), "pdf", preliminary=False)
    with house.transaction() as session:
        create_token(session, ADMIN, Role.STAFF, "tablet", house.now())
        filed_reports.put(session, report, house.now(), EVERY_BYTE)
    file = tmp_path / "saved.zip"
    saved = backups.backup(house, ADMIN, file)
    assert saved == everything(house)
    assert saved["observations"][0] == 11
    backups.restore(other, ADMIN, file)
    after = everything(other)
    changed = {table for table in saved if after[table] != saved[table]}
    assert changed == {"acts", "service"}, "that it was restored is written down, and every copy in memory is read anew"
    assert rollup.check(other, ADMIN) == []
    with other.reading() as session:
        assert filed_reports.content(session, report) == EVERY_BYTE
    ride(other, 20)
    with other.transaction() as session:
        create_token(session, ADMIN, Role.STAFF, "another", other.now())
    assert other.schedule().departures_on(NOON.date()) == house.schedule().departures_on(NOON.date())


def test_a_running_service_sees_what_was_restored_though_as_much_was_changed_since(
    house: House, tmp_path: Path
) -> None:
    file, tomorrow = tmp_path / "saved.zip", house.today() + timedelta(1)
    backups.backup(house, ADMIN, file)
    departure = house.schedule().departures_on(tomorrow).departures[0].id
    with house.transaction() as session:
        change_departure(session, ADMIN, departure, ChangeKind.CANCEL, ReasonCode.WEATHER, None, NOON)
    assert house.departure(departure).status == "cancelled"
    backups.restore(house, ADMIN, file)
    assert house.departure(departure).status == "scheduled"


def test_a_restore_that_would_lose_a_count_is_refused_and_changes_nothing(house: House, tmp_path: Path) -> None:
    ride(house, 1)
    file = tmp_path / "saved.zip"
    backups.backup(house, ADMIN, file)
    ride(house, 2)
    before = everything(house)
    with pytest.raises(Refused, match="1 counts are in the database"):
        backups.restore(house, ADMIN, file)
    assert everything(house) == before


def test_a_backup_while_people_count_is_one_moment(house: House, tmp_path: Path) -> None:
    ride(house, 1)
    file = tmp_path / "saved.zip"
    backups.backup(house, ADMIN, file)
    backups.restore(house, ADMIN, file)
    assert rollup.check(house, ADMIN) == []


def test_a_copy_into_another_database_is_proven_equal_and_never_put_upon_counts(house: House, other: House) -> None:
    ride(house, 1)
    url = other.engine.url.render_as_string(hide_password=False)
    assert backups.copy(house, ADMIN, url) == everything(house) == everything(other)
    with pytest.raises(Refused, match="has counts already"):
        backups.copy(house, ADMIN, url)


@pytest.mark.parametrize("spoilt", [b"", b"PK nonsense", b"x" * 10_000])
def test_what_is_no_backup_is_refused(house: House, tmp_path: Path, spoilt: bytes) -> None:
    file = tmp_path / "spoilt.zip"
    file.write_bytes(spoilt)
    with pytest.raises(Invalid, match="is not a backup"):
        backups.restore(house, ADMIN, file)


def test_a_backup_that_was_damaged_is_refused_and_changes_nothing(house: House, tmp_path: Path) -> None:
    for back in range(1, 40):
        ride(house, back)
    file = tmp_path / "saved.zip"
    backups.backup(house, ADMIN, file)
    before, whole = everything(house), file.read_bytes()
    with ZipFile(file) as archive:
        at = archive.getinfo("observations.jsonl").header_offset
    file.write_bytes(whole[: at + 300] + bytes(byte ^ 255 for byte in whole[at + 300 : at + 310]) + whole[at + 310 :])
    with pytest.raises(Invalid, match="damaged in observations"):
        backups.restore(house, ADMIN, file)
    assert everything(house) == before


def test_a_folder_that_is_not_there_is_said_and_leaves_nothing_behind(house: House, tmp_path: Path) -> None:
    with pytest.raises(Unavailable, match="cannot be written"):
        backups.backup(house, ADMIN, tmp_path / "nowhere" / "saved.zip")
    backups.backup(house, ADMIN, tmp_path / "saved.zip")
    assert [path.name for path in tmp_path.glob("*.zip*")] == ["saved.zip"]
