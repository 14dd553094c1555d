"""What only a solver can say of a timetable that somebody already has: its cost with seats, and the duties that drive it.

`evaluate` asks for it where the plain figures do not answer: when somebody is left behind, or duties are asked for.
"""

from shuttle.domain.basics.errors import Unavailable
from shuttle.domain.planning.planned_trips import PlannedTrip
from shuttle.domain.planning.scenario import DriverDuties
from shuttle.planner.duties.paid_time import Spending, duty_task
from shuttle.planner.duties.set_partitioning import DutyPlan, plan_duties
from shuttle.planner.model.problem import Problem
from shuttle.planner.model.seating import cheapest_with_seats
from shuttle.planner.process.request import Document, EvaluateRequest
from shuttle.planner.solvers.cpsat import Effort


def evaluate(request: EvaluateRequest) -> Document:
    """By day type: `with_seats` (passenger minutes), and under `duties` what they are paid and the duties (None: there are none)."""
    return {day_type: _judged(request, day_type, trips) for day_type, trips in request.trips.items()}


def _judged(request: EvaluateRequest, day_type: str, trips: tuple[PlannedTrip, ...]) -> Document:
    scenario = request.scenario
    found: Document = {}
    if scenario.fleet.seats is not None:
        found["with_seats"] = cheapest_with_seats(scenario, day_type, trips)
    wanted = next((r for r in scenario.requirements if isinstance(r, DriverDuties) and r.applies_to(day_type)), None)
    if wanted is not None:
        found["duties"] = _duties(request, day_type, trips, wanted)
    return found


def _duties(
    request: EvaluateRequest, day_type: str, trips: tuple[PlannedTrip, ...], wanted: DriverDuties
) -> Document | None:
    profile = request.profiles[wanted.profile]
    problem = Problem(request.scenario, day_type, (), request.rates)
    task = duty_task(problem, wanted, profile, list(trips), Spending())
    try:
        made = plan_duties(task, Effort(request.time_limit, request.workers, request.seed))
    except Unavailable:
        return None
    if not isinstance(made, DutyPlan):
        return None
    return {
        "paid_minutes": made.paid_minutes,
        "nok": made.nok,
        "duties": [duty.document(profile) for duty in made.duties],
    }
