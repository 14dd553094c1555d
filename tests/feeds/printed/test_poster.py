import io
import re
from dataclasses import replace
from datetime import date, timedelta

import pytest
from pypdf import PdfReader

from shuttle.domain.basics.errors import NotFound, Refused
from shuttle.domain.basics.provenance import Validity
from shuttle.domain.timetable.departures import Schedule
from shuttle.domain.timetable.service_days import Override
from shuttle.feeds.printed.poster import PAPERS, Paper, poster_pdf
from shuttle.language import words
from tests.builders import a_cancellation, a_schedule, a_timetable, the_real_schedule, trips, two_centres, with_changes

TODAY = date(2026, 3, 1)
ADDRESS = "https://buss.example.no/timetable"
MILLIMETRES = {"a4": (210, 297), "a3": (297, 420)}


def pages(pdf: bytes) -> int:
    return len(re.findall(rb"/Type */Page\b", pdf))


def crowded(days: int = 100) -> Schedule:
    """Every day of the next months is a special date."""
    schedule = the_real_schedule()
    other = {"weekday": "holiday", "holiday": "weekday"}
    span = (TODAY + timedelta(days=ahead) for ahead in range(days))
    overrides = tuple(
        Override(date=day, day_type=other[schedule.calendar.week[day.weekday()]], reason="Veiarbeid") for day in span
    )
    return replace(schedule, calendar=replace(schedule.calendar, overrides=overrides))


@pytest.mark.parametrize("paper", PAPERS)
@pytest.mark.parametrize("language", ["nb", "nn", "en"])
def test_a_poster_is_one_page_of_its_paper(paper: Paper, language: str) -> None:
    pdf = poster_pdf(the_real_schedule(), TODAY, language, paper, ADDRESS)
    box = re.search(rb"/MediaBox *\[0 0 ([\d.]+) ([\d.]+)\]", pdf)
    assert box is not None
    assert tuple(round(float(side) / 72 * 25.4) for side in box.groups()) == MILLIMETRES[paper]
    assert pages(pdf) == 1


def test_a_poster_can_be_read_aloud() -> None:
    pdf = poster_pdf(the_real_schedule(), TODAY, "nn", "a4", ADDRESS)
    assert b"<pdfuaid:part>1</pdfuaid:part>" in pdf
    assert b"/Lang(nn-NO)" in pdf
    assert b"/StructTreeRoot" in pdf
    assert pdf.count(b"/S/TH") >= 5  # two day types and three columns of the special dates
    assert b"/Alt" in pdf


def test_without_an_address_there_is_no_code_and_no_picture() -> None:
    assert b"/Alt" not in poster_pdf(the_real_schedule(), TODAY, "nb")


def test_what_is_cancelled_on_a_date_is_not_for_a_wall() -> None:
    cancelled = a_cancellation("gyldenpris-weekday-1000", TODAY, TODAY + timedelta(days=100))
    assert poster_pdf(with_changes(the_real_schedule(), cancelled), TODAY, "nb") == poster_pdf(
        the_real_schedule(), TODAY, "nb"
    )


def text_of(schedule: Schedule, language: str = "nb", day: date = TODAY, paper: Paper = "a4", stop: str = "") -> str:
    pdf = poster_pdf(schedule, day, language, paper, ADDRESS, stop=stop or None)
    return "\n".join(page.extract_text() for page in PdfReader(io.BytesIO(pdf)).pages)


@pytest.mark.parametrize("paper", PAPERS)
def test_a_block_is_a_destination_with_each_departure_that_reaches_it(paper: Paper) -> None:
    text = re.sub(r"\s+", " ", text_of(two_centres(), paper=paper))
    gyldenpris = text[text.index("Til MO Gyldenpris") : text.index("Til MO Nesttun")]
    nesttun = text[text.index("Til MO Nesttun") : text.index("Dager med andre tider")]
    for pair in ("10.00 10.10", "12.00 12.35 om MO Nesttun", "15.00 15.10", "17.00 17.35 om MO Nesttun"):
        assert pair in gyldenpris
    for pair in ("10.00 10.25 om MO Gyldenpris", "12.00 12.20", "15.00 15.25 om MO Gyldenpris", "17.00 17.20"):
        assert pair in nesttun


def test_christmas_stands_there_with_where_its_buses_go() -> None:
    text = re.sub(r"\s+", " ", text_of(two_centres(), day=date(2026, 12, 1)))
    assert "25. desember 2026 Helligdag: 1. juledag MO Gyldenpris 11.00, 13.30 MO Nesttun 11.00, 13.30" in text
    assert "24. desember 2026 Dag før helligdag: Julaften. Hverdag ikke bestemt ennå" in text


@pytest.mark.parametrize(
    ("language", "says"),
    [
        ("nb", "Det går ingen buss tilbake fra MO Gyldenpris til Vågsbunnen. Hverdag: åpent til kl. 22.00 (antatt)."),
        ("nn", "Det går ingen buss tilbake frå MO Gyldenpris til Vågsbunnen. Kvardag: ope til kl. 22.00 (anteke)."),
        ("en", "No bus goes back from MO Gyldenpris to Vågsbunnen. Weekday: open until 22:00 (assumed)."),
    ],
)
def test_a_poster_says_where_no_bus_goes_back_and_until_when_it_is_open(language: str, says: str) -> None:
    assert says in re.sub(r"\s+", " ", text_of(the_real_schedule(), language))


def test_a_poster_for_a_centre_tells_the_ways_from_there() -> None:
    text = text_of(two_centres(), stop="mo-gyldenpris")
    assert text.startswith("Bussen fra MO Gyldenpris")
    assert text.index("Til Vågsbunnen") < text.index("Til MO Nesttun")
    with pytest.raises(NotFound, match="nothing leaves mo-gyldenpris"):
        text_of(the_real_schedule(), stop="mo-gyldenpris")
    with pytest.raises(NotFound, match="there is no stop 'nowhere'"):
        text_of(the_real_schedule(), stop="nowhere")


def test_a_departure_past_midnight_is_marked_as_the_night_after() -> None:
    schedule = a_schedule(a_timetable(several=trips("gyldenpris", "weekday", "10:00", "25:10")))
    assert "01.10 01.20 natt til neste dag" in text_of(schedule)


@pytest.mark.parametrize("days", [3, 20, 100])
def test_no_special_date_is_left_out_however_many_there_are(days: int) -> None:
    schedule = crowded(days)
    text = re.sub(r"\s+", " ", text_of(schedule))
    for ahead in range(days):
        assert words("nb").date_text(TODAY + timedelta(days=ahead)) in text


def test_dates_that_find_no_room_stand_on_a_page_of_their_own() -> None:
    first, *others = PdfReader(io.BytesIO(poster_pdf(crowded(), TODAY, "nb", "a4", ADDRESS))).pages
    assert "18.30" in first.extract_text() and "Dager med andre tider" not in first.extract_text()
    assert others and "Dager med andre tider" in others[0].extract_text()


def test_the_coming_timetable_is_announced_and_can_be_printed() -> None:
    coming = date(2026, 4, 1)
    newer = replace(a_timetable(several=trips("round", "weekday", "9:45")), id="newer")
    old = a_schedule()
    schedule = replace(
        old,
        timetables=(*old.timetables, newer),
        publications=(
            replace(old.publications[0], valid=Validity(old.publications[0].valid.first, date(2026, 3, 31))),
            replace(old.publications[0], timetable="newer", valid=Validity(coming, None)),
        ),
    )
    assert "Fra 1. april 2026 gjelder en ny tabell." in text_of(schedule)
    assert "09.45" in text_of(schedule, day=coming) and "gjelder en ny tabell" not in text_of(schedule, day=coming)


def test_the_courses_stand_there_with_the_minutes_between_stops() -> None:
    text = re.sub(r"\s+", " ", text_of(two_centres()))
    assert "10 min 15 min 20 min Vågsbunnen MO Gyldenpris MO Nesttun Vågsbunnen" in text
    assert "20 min 15 min 10 min Vågsbunnen MO Nesttun MO Gyldenpris Vågsbunnen" in text


def test_a_timetable_of_many_departures_and_destinations_fits() -> None:
    times = [f"{hour}:{minute:02d}" for hour in range(8, 20) for minute in (0, 30)]
    timetable = a_timetable(several=trips("gyldenpris", "weekday", *times) + trips("round", "holiday", *times))
    first = PdfReader(io.BytesIO(poster_pdf(a_schedule(timetable), TODAY, "en", "a3", ADDRESS))).pages[0].extract_text()
    assert first.count("19:30") == 3 and "Days with other times" not in first


def test_a_timetable_that_no_wall_could_hold_is_refused() -> None:
    times = [f"{hour}:{minute:02d}" for hour in range(24) for minute in range(0, 60, 5)]
    with pytest.raises(Refused, match="too many departures"):
        poster_pdf(a_schedule(a_timetable(several=trips("gyldenpris", "weekday", *times))), TODAY, "nb")


def test_the_same_schedule_and_date_give_the_same_bytes() -> None:
    assert poster_pdf(the_real_schedule(), TODAY, "nb") == poster_pdf(the_real_schedule(), TODAY, "nb")


def test_a_date_without_a_timetable_has_no_poster() -> None:
    with pytest.raises(NotFound, match="no timetable applies on 2020-01-01"):
        poster_pdf(the_real_schedule(), date(2020, 1, 1), "nb")
