"""Facts written as schedule files are read back as they were."""

from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

from shuttle.domain.basics.provenance import Provenance, Validity
from shuttle.domain.timetable.network import Costs, RunningTime, Stop, Supplement
from shuttle.domain.timetable.opening_hours import OpeningTimes, SpecialHours
from shuttle.feeds.schedule_files.facts_out import write_network, write_opening_times
from shuttle.feeds.schedule_files.folder import read_schedules
from tests.builders import SCHEDULES

MAY = date(2027, 5, 1)
SOURCE = Provenance('the "tariff" \\ 2027')


def test_every_fact_survives_the_way_out_and_in(tmp_path: Path) -> None:
    schedule = read_schedules(SCHEDULES)
    network = schedule.network
    until = Validity(None, MAY - timedelta(days=1))
    night = Supplement(
        name="Kveld", day_types=("weekday",), starts=1260, ends=360, nok_per_hour=26.5, provenance=SOURCE
    )
    later = Costs(
        nok_per_driver_hour=470, nok_per_km=6.5, supplements=(night,), validity=Validity(MAY), provenance=SOURCE
    )
    stop = Stop(
        id="new-stop",
        name="Ny «holdeplass»",
        lat=60.1,
        lon=5.2,
        name_nn="Ny haldeplass",
        name_en="New",
        address="Gata 1",
        way="Opp trappen",
        wheelchair=False,
        quay="A",
        validity=Validity(MAY),
        provenance=SOURCE,
    )
    link = RunningTime(
        origin="vagsbunnen",
        destination="new-stop",
        bands=((0, 10), (900, 14)),
        validity=Validity(MAY),
        provenance=SOURCE,
    )
    changed = replace(
        network,
        stops=(*network.stops, stop),
        running_times=(*network.running_times, link),
        costs=(replace(network.costs[0], validity=until), later),
    )
    special = SpecialHours("mo-nesttun", date(2026, 12, 24), ((600, 720),), "Jul")
    times = OpeningTimes(schedule.opening_times.regular, (special,))
    for path in SCHEDULES.rglob("*.toml"):
        target = tmp_path / path.relative_to(SCHEDULES)
        target.parent.mkdir(exist_ok=True)
        target.write_bytes(path.read_bytes())
    (tmp_path / "network.toml").write_text(write_network(changed), "utf-8")
    (tmp_path / "opening-hours.toml").write_text(write_opening_times(times), "utf-8")
    read = read_schedules(tmp_path)
    assert read.network == changed
    assert read.opening_times == times
