"""Job outcomes as text: read back as written, shortened to their column, with sentences of older versions kept."""

from hypothesis import given
from hypothesis import strategies as st

from shuttle.domain.basics.errors import Refused
from shuttle.domain.basics.outcome import JobOutcome, outcome_of
from shuttle.language import words
from shuttle.language.outcomes import outcome_text
from shuttle.store.operation.outcomes import read_outcome, stored_outcome_text


def test_an_outcome_is_read_as_it_was_written() -> None:
    for outcome in (JobOutcome("sums-equal"), JobOutcome("saved", {"rows": 12, "file": "shuttle-2026-11-24.db"})):
        assert read_outcome(stored_outcome_text(outcome, 400)) == outcome
    assert read_outcome("") is None


@given(detail=st.text(max_size=3000), value=st.text(max_size=500))
def test_a_long_failure_fits_its_column_and_keeps_its_code(detail: str, value: str) -> None:
    text = stored_outcome_text(outcome_of(Refused("not-now", detail, given=value)), 400)
    read = read_outcome(text)
    assert len(text) <= 400
    assert read is not None and read.code == "not-now" and detail.startswith(read.detail)


def test_many_times_fit_their_column_and_still_make_a_sentence() -> None:
    for n in (1, 8, 900):
        text = stored_outcome_text(JobOutcome("uncounted", {"uncounted": n, "due": 900, "times": [600] * n}), 400)
        read = read_outcome(text)
        assert len(text) <= 400 and read is not None
        assert f"{n} of 900 departures (10:00" in outcome_text(read, words("en")).text


def test_a_sentence_of_an_older_version_is_kept() -> None:
    for text in ("3 fortnights released", "12", '["a"]', "{}"):
        read = read_outcome(text)
        assert read is not None and read.detail == text
