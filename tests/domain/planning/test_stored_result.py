"""The result document: an older stored version is read in the newest shape, and each shape has exactly its keys."""

import json
from typing import Any

import pytest

from shuttle.domain.basics.errors import Refused
from shuttle.domain.planning.result import VERSION, PlanResult, has_findings
from shuttle.domain.planning.stored_result import read_result
from tests.results import AN_OLD_RESULT, wrong_places


def old(**changes: Any) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(AN_OLD_RESULT)
    return {**document, **changes}


def with_proposal(**changes: Any) -> dict[str, Any]:
    document = old()
    weekday = document["day_types"]["weekday"]
    weekday["proposals"] = [{**weekday["proposals"][0], **changes}]
    return document


def test_an_old_document_is_read_in_the_newest_shape() -> None:
    document = old()
    assert wrong_places(document, PlanResult), "it lacks keys of the newest shape"
    result = read_result(document)
    assert wrong_places(result, PlanResult) == []
    assert result["version"] == VERSION and document == old(), "the stored document stays as it is"


def test_the_newest_version_is_read_as_it_is() -> None:
    result = read_result(old())
    assert read_result(result) is result


def test_a_document_of_a_newer_program_is_refused() -> None:
    with pytest.raises(Refused) as refusal:
        read_result(old(version=VERSION + 1))
    assert (refusal.value.code, refusal.value.allowed) == ("newer-result", f"1 to {VERSION}")


def test_an_empty_document_is_read_as_a_result_without_findings() -> None:
    result = read_result({})
    assert wrong_places(result, PlanResult) == [] and not has_findings(result)


def test_an_old_bound_of_the_cost_alone_becomes_one_of_cost_and_penalty() -> None:
    document = with_proposal(model="without seats", cost=100.0, bound=90.0, penalty=20.0, gap=0.1, proven=False)
    [proposal] = read_result(document)["day_types"]["weekday"]["proposals"]
    assert proposal["bound"] == 110.0 and proposal["gap"] == pytest.approx(10 / 120)
    document = with_proposal(model="without seats", cost=100.0, bound=0.0, penalty=20.0)
    [proposal] = read_result(document)["day_types"]["weekday"]["proposals"]
    assert (proposal["bound"], proposal["gap"], proposal["proven"]) == (0.0, 1.0, False)


def test_an_old_cost_of_the_seat_model_becomes_that_of_the_simulated_day() -> None:
    document = with_proposal(model="with seats", cost=100.0, bound=100.0, penalty=0.0, proven=True)
    document["day_types"]["weekday"]["proposals"][0]["played"]["cost"] = 125.0
    [proposal] = read_result(document)["day_types"]["weekday"]["proposals"]
    assert (proposal["cost"], proposal["seat_model_cost"]) == (125.0, 100.0)
    assert proposal["gap"] == pytest.approx(0.2) and not proposal["proven"]


@pytest.mark.parametrize(
    ("status", "others", "reason"),
    [
        ("infeasible", {}, "impossible"),
        ("infeasible", {"holiday": {"today": None, "proposals": []}}, "not_found"),
        ("out_of_time", {}, "not_found"),
    ],
)
def test_an_old_day_type_without_proposals_says_why(status: str, others: dict[str, Any], reason: str) -> None:
    document = old(status=status, day_types={"weekday": {"today": None, "proposals": []}, **others}, relaxations=[])
    assert read_result(document)["day_types"]["weekday"]["no_proposal"] == reason
