import re
from datetime import date, timedelta
from pathlib import Path

import pytest
import typst

from shuttle.domain.departures import Schedule
from shuttle.domain.errors import NotFound, Refused
from shuttle.feeds.poster import PAPERS, Paper, poster_pdf
from tests.builders import a_cancellation, a_schedule, a_timetable, the_real_schedule, trips, with_changes

TODAY = date(2026, 3, 1)
ADDRESS = "https://buss.example.no/timetable"
MILLIMETRES = {"a4": (210, 297), "a3": (297, 420)}


def pages(pdf: bytes) -> int:
    return len(re.findall(rb"/Type */Page\b", pdf))


def crowded(days: int = 100) -> Schedule:
    """Every day of the next months is a special date."""
    return with_changes(
        the_real_schedule(), a_cancellation("gyldenpris-weekday-1000", TODAY, TODAY + timedelta(days=days))
    )


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


def test_a_poster_with_too_many_special_dates_leaves_some_out_and_stays_one_page() -> None:
    assert pages(poster_pdf(crowded(), TODAY, "nb", "a4", ADDRESS)) == 1


def test_a_timetable_of_many_departures_and_destinations_fits() -> None:
    times = [f"{hour}:{minute:02d}" for hour in range(8, 20) for minute in (0, 30)]
    timetable = a_timetable(several=trips("gyldenpris", "weekday", *times) + trips("round", "holiday", *times))
    assert pages(poster_pdf(a_schedule(timetable), TODAY, "en", "a3", ADDRESS)) == 1


def test_a_timetable_that_no_wall_could_hold_is_refused() -> None:
    times = [f"{hour}:{minute:02d}" for hour in range(24) for minute in range(0, 60, 5)]
    with pytest.raises(Refused, match="too many departures"):
        poster_pdf(a_schedule(a_timetable(several=trips("gyldenpris", "weekday", *times))), TODAY, "nb")


def test_the_same_schedule_and_date_give_the_same_bytes() -> None:
    assert poster_pdf(the_real_schedule(), TODAY, "nb") == poster_pdf(the_real_schedule(), TODAY, "nb")


def test_a_date_without_a_timetable_has_no_poster() -> None:
    with pytest.raises(NotFound, match="no timetable applies on 2020-01-01"):
        poster_pdf(the_real_schedule(), date(2020, 1, 1), "nb")


def test_a_second_page_would_be_noticed() -> None:
    """The template refuses a second page by itself; `poster_pdf` leaves special dates out until it does not."""
    template = Path("shuttle/feeds/poster.typ").read_text(encoding="utf-8")
    check = template[template.index("#context assert") :]
    with pytest.raises(typst.TypstError, match="more than one page"):
        typst.compile(f"#pagebreak()\n{check}".encode(), format="pdf")
