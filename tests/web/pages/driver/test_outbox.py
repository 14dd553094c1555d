"""The phone's outbox: an entry leaves it only on our server's confirmation, not on the answer of a network in between."""

import json
import shutil
import subprocess
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest

from shuttle.web.static_files import FOLDER
from tests.conftest import node

STORE = """
const rows = { outbox: new Map(), tallies: new Map() };
let number = 0;
const over = (map) => ({
  getAll: () => [...map.values()].map((row) => structuredClone(row)),
  add: (row) => (map.set(++number, { ...row, number }), number),
  put: (row) => map.set(row.number ?? row.slot, row),
  delete: (key) => map.delete(key),
  clear: () => map.clear(),
});
export const transaction = async (names, work) => work(Object.fromEntries(names.map((name) => [name, over(rows[name])])));
export const ask = async (request) => request;
export const newKey = () => `key-${++number}`;
"""
"""In place of the browser's database."""


@cache
def seen() -> dict[str, Any]:
    with TemporaryDirectory() as name:
        folder = Path(name)
        shutil.copyfile(FOLDER / "driver" / "outbox.js", folder / "outbox.js")
        (folder / "store.js").write_text(STORE)
        (folder / "package.json").write_text('{"type": "module"}')
        command = [node(), str(Path(__file__).parent / "outbox.mjs"), str(folder)]
        answer = subprocess.run(command, capture_output=True, timeout=300, text=True, check=False)
    assert answer.returncode == 0, answer.stderr
    return dict(json.loads(answer.stdout))


def test_an_answer_that_is_not_ours_keeps_the_act_and_it_arrives_later() -> None:
    for what, came in seen()["strangers"].items():
        assert (came["kept"], came["refused"], came["after"], came["keys"]) == (1, "", 0, 1), what
        assert came["hops"] == 2, f"{what}: nothing is sent on to where somebody points"
    assert len(seen()["strangers"]) == 66


def test_a_refused_act_stays_with_its_reason_and_the_rest_is_sent() -> None:
    assert seen()["refused"] == {
        "bad": "other",
        "gone": "gone",
        "off": "cancelled",
        "early": "early",
        "fast": "clock",
    }
    assert seen()["stateAfterRefusals"] == "idle"


def test_a_refused_act_can_be_sent_again() -> None:
    assert seen()["retried"] == ["bad", "gone", "off", "early"]


@pytest.mark.parametrize("why", ["error", "silence", "page", "signedOut"])
def test_acts_that_always_fail_hold_up_no_other(why: str) -> None:
    assert seen()[f"heldUpBy {why}"] == ["a", "b", "c", "d"]


def test_a_later_act_on_the_same_slot_waits_for_the_earlier() -> None:
    left, order = seen()["order"]
    assert left == ["first", "second"]
    assert "second" not in order and order.count("third") == 1


def test_a_refused_act_is_not_sent_again_above_a_newer_one() -> None:
    assert seen()["past"] == [["first"], True, 4]
