"""Rule profiles read from a file: each number has its paragraph, every fault its line."""

from pathlib import Path

import pytest

from shuttle.domain.basics.errors import Invalid
from shuttle.domain.duties.rules import THE_ACT
from shuttle.feeds.schedule_files.duty_rules import RULES, read_duty_rules
from tests.builders import SCHEDULES

FILE = SCHEDULES / "duty-rules.toml"

BROKEN = """\
[[profiles]]
id = "act"
name = "The Act"
[profiles.rules]
longest_duty_minutes = { value = 5000, paragraph = "§ 10-4" }
night_starts = { value = "25:99", paragraph = "§ 10-11" }
breaks_are_paid = { value = 1, paragraph = "§ 10-9" }
daily_rest_minutes = { value = 660 }
coffee_minutes = { value = 10, paragraph = "none" }
sign_on_minutes = { value = 10, paragraph = "none", assumed = true }

[[profiles]]
id = "other"
name = "Other"
based_on = "nothing"
colour = "blue"
[profiles.rules]
"""


def test_the_file_agrees_with_the_act_and_each_number_has_a_paragraph() -> None:
    act = read_duty_rules(FILE)["act"]
    assert {rule: getattr(act, rule) for rule in RULES} == {rule: getattr(THE_ACT, rule) for rule in RULES}
    assert {source.rule for source in act.sources} == set(RULES)
    assert all(source.paragraph for source in act.sources)


def test_an_agreement_changes_what_it_names_and_keeps_the_rest() -> None:
    profiles = read_duty_rules(FILE)
    agreed = profiles["act-local-agreement"]
    assert agreed.longest_duty_minutes == 750
    assert agreed.daily_rest_minutes == 480
    assert agreed.break_after_minutes == profiles["act"].break_after_minutes
    assert agreed.agreement and agreed.provenance.assumed
    [source] = [source for source in agreed.sources if source.rule == "longest_duty_minutes"]
    assert source.paragraph.startswith("§ 10-5 (2)")


def test_what_is_our_own_choice_is_marked_as_assumed() -> None:
    act = read_duty_rules(FILE)["act"]
    assumed = {source.rule for source in act.sources if source.provenance.assumed}
    assert assumed >= {"sign_on_minutes", "sign_off_minutes", "longest_break_minutes", "longest_piece_minutes"}
    assert all(source.provenance.reason for source in act.sources if source.provenance.assumed)


def test_every_fault_of_a_file_is_told_with_its_line(tmp_path: Path) -> None:
    path = tmp_path / "duty-rules.toml"
    path.write_text(BROKEN, encoding="utf-8")
    with pytest.raises(Invalid) as refusal:
        read_duty_rules(path)
    faults = refusal.value.faults
    assert sorted(fault.line or 0 for fault in faults) == [5, 6, 7, 8, 9, 10, 15, 16]
    assert all(fault.where == str(path) for fault in faults)


def test_numbers_that_contradict_each_other_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "duty-rules.toml"
    path.write_text(
        '[[profiles]]\nid = "act"\nname = "A"\n[profiles.rules]\n'
        'long_duty_break_minutes = { value = 45, paragraph = "§ 10-9" }\n',
        encoding="utf-8",
    )
    with pytest.raises(Invalid, match="long_duty_break_minutes is longer than longest_break_minutes"):
        read_duty_rules(path)


def test_an_empty_file_has_no_profile(tmp_path: Path) -> None:
    path = tmp_path / "duty-rules.toml"
    path.write_text("", encoding="utf-8")
    with pytest.raises(Invalid, match="no profile"):
        read_duty_rules(path)
