"""No text costs more than it says: what is too much is refused with its line before a parser sees it."""

import io
import tomllib
import zipfile
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from shuttle.domain.basics.errors import Invalid
from shuttle.feeds import text_gate
from shuttle.feeds.counts.paper_counts import read_paper_counts
from shuttle.feeds.gtfs.importing import read_gtfs
from shuttle.feeds.scenario_files.reader import read_scenario
from shuttle.feeds.text_gate import (
    DEEPEST,
    FILE,
    LONGEST_WORD,
    MOST_MEMBERS,
    SCENARIO,
    csv_rows,
    toml_values,
    zip_texts,
)
from shuttle.feeds.toml.lines import parse_toml, read_toml
from tests.builders import SCHEDULES, the_real_schedule
from tests.feeds.counts.test_paper_counts import NOW, OSLO

A_SCENARIO = (SCHEDULES / "scenarios" / "nesttun-evening.toml").read_text(encoding="utf-8")

TOO_MUCH = {
    "a dotted key": ".".join(["a"] * 12_000) + " = 1",
    "a dotted key with blanks and quotes": ' . "b" . '.join(["a"] * 5000) + " = 1",
    "a dotted header": "[" + ".".join(["a"] * 5000) + "]\n",
    "a dotted key in an inline table": "a = {" + ".".join(["a"] * 5000) + " = 1}",
    "brackets": "a = " + "[" * 90_000,
    "closed brackets": "a = " + "[" * 50_000 + "]" * 50_000,
    "brackets over lines": "a = " + "[\n" * 50_000,
    "inline tables": "a = " + "{a=" * 40_000 + "1" + "}" * 40_000,
    "digits": "a = " + "1" * 150_000,
    "digits with underscores": "a = " + "1_" * 50_000 + "1",
    "hexadecimal digits": "a = 0x" + "f" * 150_000,
    "an exponent": "a = 1e" + "9" * 5000,
    "a key of letters": "a" * 150_000 + " = 1",
    "tables": "".join(f"[a{n}]\n" for n in range(20_000)),
    "tables of a list": "[[requirements]]\nkind='x'\n" * 7000,
    "indented tables": "".join(f"  [a{n}]\n" for n in range(20_000)),
    "keys": "".join(f"a{n}=1\n" for n in range(60_000)),
    "values of a list": "a = [" + "1," * 60_000 + "]",
    "a long text": "#" + "x" * 1_000_000,
}


@pytest.mark.parametrize("text", TOO_MUCH.values(), ids=TOO_MUCH.keys())
@pytest.mark.parametrize("limits", [FILE, SCENARIO], ids=["file", "scenario"])
def test_what_nobody_writes_is_refused_before_it_is_parsed(
    text: str, limits: text_gate.TomlLimits, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tomllib, "loads", lambda _: pytest.fail("the parser got it"))
    with pytest.raises(Invalid) as refusal:
        parse_toml(text, "x.toml", limits)
    (fault,) = refusal.value.faults
    assert (refusal.value.code, fault.where) == ("bad-toml", "x.toml")
    assert fault.line
    assert fault.given
    assert fault.allowed
    assert len(str(fault)) < 300


def test_a_scenario_may_have_less_in_it_than_a_file() -> None:
    text = A_SCENARIO + "\n[[requirements]]\nname='a'\n" * 500
    with pytest.raises(Invalid, match="too many tables"):
        read_scenario(text, the_real_schedule(), the_real_schedule().publications[0].valid.first)  # type: ignore[arg-type]
    assert parse_toml(text).values


@pytest.mark.parametrize(
    "text",
    [
        "a = '''" + "'' " * 60_000,
        'a = """' + '\\"""' * 60_000,
        'a = "' + "\\\\" * 90_000,
        "a = '" * 60_000,
        'a = """' + '""\n' * 60_000,
    ],
    ids=["literal", "basic", "escapes", "quotes", "pairs"],
)
def test_a_string_without_an_end_is_not_toml(text: str) -> None:
    with pytest.raises(Invalid, match="not TOML"):
        toml_values(text)


def test_what_stands_in_a_string_or_a_comment_counts_as_one_text() -> None:
    odd = "[[[" * 100 + "a.b.c.d" * 100 + "1" * 500 + "=,{" * 5000
    text = f'# {odd}\na = "{odd}" # {odd}\nb = \'{odd}\'\nc = """\n{odd}\\""" ""{odd}"""""\nd = \'\'\'{odd}\'\' \'\'\'\'\'\n'
    assert toml_values(text) == tomllib.loads(text)


@given(st.lists(st.sampled_from([*"\"'\\\n[]{}=.,# ", "a", "1", '"""', "'''", "b = 1\n"]), max_size=40).map("".join))
@example('a = """"""')
@example("a = ''''''''")
@example('a = """a"""""')
def test_the_gate_lets_through_what_the_parser_takes_and_nothing_else(text: str) -> None:
    try:
        values = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError):
        with pytest.raises(Invalid):
            toml_values(text)
        return
    assert toml_values(text) == values


@pytest.mark.parametrize("path", sorted(SCHEDULES.rglob("*.toml")), ids=lambda path: path.name)
def test_our_own_files_are_a_tenth_of_what_is_allowed(path: Path) -> None:
    limits = text_gate.TomlLimits(FILE.characters // 10, FILE.tables // 10, FILE.values // 10)
    assert read_toml(path, limits=limits).values


def test_the_limits_themselves_are_allowed() -> None:
    deep = "[" * DEEPEST + "]" * DEEPEST
    text = f"{'.'.join(['a'] * DEEPEST)} = 1\nb = {deep}\nc = {'1' * LONGEST_WORD}\n"
    assert toml_values(text)["c"] == int("1" * LONGEST_WORD)


@pytest.mark.parametrize(
    ("text", "line", "given_text"),
    [
        ('a = 1\nb = "\x07"\n', 2, "U+0007"),
        ('a = 1\nb = ["", "\\u0000"]\n', 2, "U+0000"),
        ('a = 1\n"\\u001b" = 1\n', 2, "U+001B"),
        ("# \x7f\n", 1, "U+007F"),
        ("a = '\ud800'\n", 1, "U+D800"),
        ("a = 1\n[[t]]\nb = {c = '\\n', d = \"\\uFFFF\"}", 3, "U+FFFF"),
    ],
)
def test_a_character_that_nobody_can_read_is_refused(text: str, line: int, given_text: str) -> None:
    with pytest.raises(Invalid) as refusal:
        parse_toml(text, "x.toml")
    (fault,) = refusal.value.faults
    assert (fault.given, fault.code) == (given_text, "unreadable-character")
    assert fault.line in (
        line,
        line - 1,
    )  # a key that cannot be read has the line of what holds it, where that is known


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("a,b\n" + "x" * 1001 + ",1\n", "a cell is too long"),
        ("a,b\n" + "1," * 200 + "\n", "too many cells"),
        ("a,b\n" + '"' + "x" * 200_000 + '",1\n', "a cell is too long"),
        ('a,b\n1,"2\n', "not CSV"),
    ],
)
def test_rows_of_csv_are_as_small_as_people_write_them(text: str, what: str) -> None:
    with pytest.raises(Invalid, match=what):
        list(csv_rows(text, "x.csv", ",", "bad"))


def test_a_file_has_no_more_rows_than_a_year_of_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(text_gate, "MOST_ROWS", 3)
    with pytest.raises(Invalid, match=r"x\.csv:4: there are too many rows"):
        list(csv_rows("1\n2\n3\n4\n", "x.csv", ",", "bad"))


@pytest.mark.parametrize("content", [b"a\x00b", b"a\n\x1b[31m", "a\ufdd0".encode(), b"\xed\xa0\x80", b"\xff\xfe"])
def test_a_sheet_of_counts_and_a_feed_are_text_that_can_be_read(content: bytes) -> None:
    sheet = read_paper_counts("x.csv", content, the_real_schedule(), NOW, OSLO)
    assert [fault.where for fault in sheet.faults] == ["x.csv"]
    with pytest.raises(Invalid, match=r"stops\.txt"):
        read_gtfs(a_zip({"stops.txt": content}), the_real_schedule(), "x", OSLO)


def a_zip(files: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return buffer.getvalue()


def test_an_archive_is_not_unpacked_beyond_measure() -> None:
    bomb = {f"{n}.txt": b"0" * 300_000 for n in range(80)}
    with pytest.raises(Invalid, match="too large"):
        zip_texts(a_zip(bomb), list(bomb), "bad-gtfs")


def test_files_of_other_names_are_not_unpacked() -> None:
    foreign = {"shapes.txt": b"0" * 30_000_000, "logo.png": b"\x89PNG", "stops.txt": b"stop_id\n"}
    assert zip_texts(a_zip(foreign), ["stops.txt"], "bad-gtfs") == {"stops.txt": "stop_id\n"}


def test_an_archive_has_no_more_files_than_a_feed_could() -> None:
    many = {f"{number}.txt": b"" for number in range(MOST_MEMBERS)}
    assert zip_texts(a_zip(many), ["0.txt"], "bad-gtfs") == {"0.txt": ""}
    with pytest.raises(Invalid, match="too many files"):
        zip_texts(a_zip({**many, "stops.txt": b""}), ["0.txt"], "bad-gtfs")


CELLS = st.sampled_from(
    ["vagsbunnen", "mo-gyldenpris", "t", "s", "1", "-1", "10:00:00", "99:99:99", "20261124", "00010101", '"', ""]
)
FEED = {
    "stops.txt": "stop_id,stop_name",
    "trips.txt": "trip_id,service_id,route_id",
    "stop_times.txt": "trip_id,stop_id,stop_sequence,arrival_time,departure_time",
    "calendar.txt": "service_id,monday,tuesday,wednesday,thursday,friday,saturday,sunday,start_date,end_date",
    "calendar_dates.txt": "service_id,date,exception_type",
    "frequencies.txt": "trip_id,start_time,end_time,headway_secs",
    "agency.txt": "agency_id,agency_timezone",
}


@settings(max_examples=50)
@given(st.data())
def test_a_feed_of_any_cells_is_read_or_refused(data: st.DataObject) -> None:
    files = {}
    for name, header in FEED.items():
        rows = data.draw(st.lists(st.lists(CELLS | st.text(max_size=6), max_size=10).map(",".join), max_size=4))
        if data.draw(st.integers(0, 9)):
            files[name] = "\n".join((header, *rows)).encode("utf-8", "surrogatepass")
    with suppress(Invalid):
        read_gtfs(a_zip(files), the_real_schedule(), "x", OSLO)


@settings(max_examples=200)
@given(
    st.binary(max_size=200)
    | st.lists(st.lists(CELLS, max_size=8).map(";".join), max_size=6).map("\n".join).map(str.encode)
)
def test_a_sheet_of_any_cells_is_read_or_has_faults(content: bytes) -> None:
    sheet = read_paper_counts("x.csv", content, the_real_schedule(), NOW, OSLO)
    assert all(fault.what for fault in sheet.faults)


def test_files_may_lie_in_one_folder_and_not_in_two() -> None:
    names = ["stops.txt", "trips.txt"]
    one = a_zip({"feed/Stops.txt": b"a\n", "feed/trips.txt": b"b\n", "__MACOSX/feed/._stops.txt": b"\x00"})
    assert zip_texts(one, names, "bad-gtfs") == {"stops.txt": "a\n", "trips.txt": "b\n"}
    assert zip_texts(a_zip({"feed\\stops.txt": b"a\n"}), names, "bad-gtfs") == {"stops.txt": "a\n"}
    with pytest.raises(Invalid, match="several folders"):
        zip_texts(a_zip({"a/stops.txt": b"a\n", "b/trips.txt": b"b\n"}), names, "bad-gtfs")


def test_what_macos_adds_to_an_archive_is_passed_over() -> None:
    files = a_zip({"stops.txt": b"stop_id\n", "__MACOSX/._stops.txt": b"\x00\x05\x16\xb0"})
    assert zip_texts(files, ["stops.txt"], "bad-gtfs") == {"stops.txt": "stop_id\n"}


def test_a_broken_archive_is_refused_and_never_falls_over() -> None:
    whole = a_zip({"stops.txt": b"stop_id\n" + bytes(range(32, 127)) * 50})
    for at in range(0, len(whole), 3):
        spoilt = whole[:at] + bytes([whole[at] ^ 0xFF]) + whole[at + 1 :]
        with pytest.raises(Invalid):
            read_gtfs(spoilt, the_real_schedule(), "x", OSLO)


def test_a_sequence_of_endless_digits_is_a_fault() -> None:
    rows = f"trip_id,stop_id,stop_sequence,arrival_time,departure_time\nt,vagsbunnen,{'1' * 900},10:00:00,10:00:00\n"
    files = {
        "stops.txt": "stop_id\nvagsbunnen\n",
        "trips.txt": "trip_id,service_id\nt,s\n",
        "stop_times.txt": rows,
        "calendar_dates.txt": "service_id,date,exception_type\ns,20260101,1\n",
    }
    with pytest.raises(Invalid, match="stop_sequence is not a number"):
        read_gtfs(a_zip({name: text.encode() for name, text in files.items()}), the_real_schedule(), "x", OSLO)


def test_an_endless_file_is_not_read_to_its_end() -> None:
    with pytest.raises(Invalid, match="too large"):
        read_toml(Path("/dev/zero"))
