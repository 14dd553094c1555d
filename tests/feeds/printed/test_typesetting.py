"""Any text makes a page: a character that no font has is printed as a box."""

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from shuttle.domain.timetable.service_days import Override
from shuttle.feeds.printed.poster import poster_pdf
from shuttle.feeds.printed.report import as_pdf
from shuttle.feeds.printed.typesetting import BOX, FAMILIES, coverage, drawable, typeset
from shuttle.settings import PRINT_FONTS
from tests.builders import the_real_schedule
from tests.feeds.printed.test_report import a_report, a_table

DAY = date(2026, 3, 1)
FOLDERS = pytest.mark.parametrize("fonts", [PRINT_FONTS, None], ids=["built", "not built"])

ODD = "a\N{COMBINING CIRCUMFLEX ACCENT BELOW}\N{ZERO WIDTH JOINER}\N{VARIATION SELECTOR-16}\U0001f3fd\U0001f1f3\U0001f384\u202e\ufeff"


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("typst") / "page.typ"
    path.write_text(
        "#let data = json(bytes(sys.inputs.data))\n"
        '#set document(title: "x")\n'
        '#set text(lang: "nb", font: data.fonts, fallback: false)\n'
        "= #data.text\n*#data.text* #data.text\n",
        encoding="utf-8",
    )
    return path


@FOLDERS
@given(text=st.text(st.one_of(st.characters(), st.sampled_from(ODD), st.characters(max_codepoint=0x1FFF)), min_size=1))
@example(text="\ufeff")
@example(text="\x00\x01\x7f\x85")
@example(text="\ud800 \udfff \uffff \U0010ffff")
@example(text='#panic("x") [/] *a* _b_ $c$ <d> @e `f` \\g "h" // i /* = j')
def test_any_text_becomes_a_page(template: Path, fonts: Path | None, text: str) -> None:
    assert typeset(template, {"text": text}, DAY, fonts).startswith(b"%PDF")


@FOLDERS
def test_every_character_that_a_font_claims_is_drawn(template: Path, fonts: Path | None) -> None:
    for font in coverage(fonts):
        text = drawable(" ".join(map(chr, sorted(font))), coverage(fonts))
        assert typeset(template, {"text": text}, DAY, fonts).startswith(b"%PDF")


def test_the_built_fonts_are_those_that_the_pages_name() -> None:
    assert len(coverage(PRINT_FONTS)) == len(FAMILIES)


@pytest.mark.parametrize(
    "text",
    [
        "Ærlig Øl på Åsane",
        "Đorđe Šćepanović",
        "Київ",
        "مرحبا",
        "ሰላም",
        "Julemarked 🎄",
        "👩🏽‍🦽 ♿ → ✓",
        "❤️ 1️⃣ 🇳🇴",
        "[via bro] {x}",
    ],
)
def test_what_a_font_has_stays_as_it_was_written(text: str) -> None:
    assert drawable(text, coverage(PRINT_FONTS)) == text


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("東京 stasjon", f"{BOX}{BOX} stasjon"),
        ("a\x00b\x07c", f"a{BOX}b{BOX}c"),
        ("a\ud800", f"a{BOX}"),
        ("en\nto\u2028tre", "en to tre"),
        ("\ufeff", BOX),
        ("A\N{COMBINING RING ABOVE}", "Å"),
        ("", ""),
    ],
)
def test_what_no_font_has_becomes_a_box(text: str, shown: str) -> None:
    assert drawable(text, coverage(PRINT_FONTS)) == shown


@FOLDERS
@pytest.mark.parametrize("reason", ["Julemarked 🎄", "東京", "\x01\x1f", "\ud83c", "*jul* [/] #x"])
def test_any_reason_of_a_day_leaves_the_poster(fonts: Path | None, reason: str) -> None:
    schedule = the_real_schedule()
    override = Override(date=date(2026, 3, 19), day_type="holiday", reason=reason)
    schedule = replace(schedule, calendar=replace(schedule.calendar, overrides=(override,)))
    assert poster_pdf(schedule, DAY, "nb", "a4", fonts=fonts).startswith(b"%PDF")


@FOLDERS
def test_any_name_leaves_the_report(fonts: Path | None) -> None:
    made = a_report("nb", a_table("東京 🚌 \x01 \ud800", 3, "nb"))
    assert as_pdf(made, fonts).startswith(b"%PDF")
