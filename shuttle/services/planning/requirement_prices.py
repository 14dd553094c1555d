"""What a requirement costs at the optimum: the passenger cost of a proposal beside that of the plan without the requirement.

The answer of another run, so it is exact where both are proven, and an estimate where one of them is not.
"""

from dataclasses import dataclass

from sqlalchemy.orm import Session

from shuttle.domain.planning.result import PlanResult, ProposalResult
from shuttle.services.planning.plans import result_of
from shuttle.store.planning import plans as store
from shuttle.store.planning.queues import OPEN


@dataclass(frozen=True, kw_only=True)
class RequirementPrice:
    """`plan`: that without the requirement. `proposal`: the one it is compared with, empty while there is none. `minutes`: passenger
    minutes a day that the requirement costs; `nok`: NOK a day that the other one costs more. `is_open`: it is still being solved.
    """

    plan: str
    proposal: str
    minutes: float
    nok: float
    proven: bool
    is_open: bool


def requirement_prices(
    session: Session, plan_id: str, day_type: str, own: ProposalResult
) -> dict[str, RequirementPrice]:
    """Requirement -> its price for a proposal, of the plans that were asked without one.

    Compared with the proposal of the same limit of the front, else with the one at its knee, or the only one.
    """
    return {
        requirement: _price(row.id, row.status in OPEN, _counterpart(result_of(row), day_type, own["id"]), own)
        for requirement, row in store.plans_without(session, plan_id).items()
    }


def _counterpart(result: PlanResult | None, day_type: str, name: str) -> ProposalResult | None:
    day = result["day_types"].get(day_type) if result else None
    by_id: dict[str, ProposalResult] = {each["id"]: each for each in day["proposals"]} if day else {}
    only = next(iter(by_id.values())) if len(by_id) == 1 else None
    return by_id.get(name) or (by_id.get(day["knee"] or "") if day else None) or only


def _price(plan: str, is_open: bool, other: ProposalResult | None, own: ProposalResult) -> RequirementPrice:
    if other is None:
        return RequirementPrice(plan=plan, proposal="", minutes=0.0, nok=0.0, proven=False, is_open=is_open)
    return RequirementPrice(
        plan=plan,
        proposal=other["id"],
        minutes=own["cost"] + own["penalty"] - other["cost"] - other["penalty"],
        nok=other["nok"] - own["nok"],
        proven=own["proven"] and other["proven"],
        is_open=is_open,
    )
