"""Trials page: trials with their results, and planning a trial before its phase starts."""

from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.concurrency import run_in_threadpool
from starlette.responses import RedirectResponse, Response

from shuttle.domain.access.permissions import Action, Person, allow, may
from shuttle.domain.basics.errors import Invalid, ShuttleError
from shuttle.domain.basics.service_time import parse_date
from shuttle.domain.ridership.summaries import Span
from shuttle.domain.ridership.trials import Measure, Outcome, Trial
from shuttle.services.ridership import trials as trial_service
from shuttle.web.pages.faults import FieldFault, fault_of
from shuttle.web.pages.frame import frame_of, show
from shuttle.web.server.identity import maybe_person
from shuttle.web.server.state import state_of

router = APIRouter(prefix="/ridership/trials", include_in_schema=False)

Text = Annotated[str, Form(max_length=400)]
FIELDS = ("question", "measure", "stop", "baseline_from", "baseline_to", "starts", "weeks", "goal", "stop_rule")
NOT_YET = {"question": "...", "goal": "0", "stop_rule": "..."}
"""What nobody need have typed to be shown the baseline."""

DONE = ("planned", "closed", "deleted")


@router.api_route("", methods=["GET", "HEAD"])
async def trials(request: Request) -> Response:
    """All trials, failed ones too."""
    person = allow(await maybe_person(request), Action.READ_EXACT_RIDERSHIP)
    return await run_in_threadpool(_page, request, person, (), {}, 200)


@router.post("")
async def plan(request: Request) -> Response:
    """Plan a trial, or with `act=look` only show its baseline; the form comes back with the typed values and the fault."""
    person = allow(await maybe_person(request), Action.PLAN)
    form = await request.form()
    form_values = {name: str(form.get(name, ""))[:400] for name in FIELDS}

    def act() -> trial_service.Baseline | None:
        context = state_of(request).context
        if form.get("act") == "look":
            return trial_service.look(context, person, trial_of({**form_values, **NOT_YET}))
        trial_service.plan_trial(context, person, trial_of(form_values))
        return None

    try:
        looked = await run_in_threadpool(act)
    except ShuttleError as error:
        fault = fault_of(error, frame_of(request).words, _field(error, form_values))
        return await run_in_threadpool(_page, request, person, (fault,), form_values, 422)
    if looked is not None:
        return await run_in_threadpool(_page, request, person, (), form_values, 200, looked)
    return RedirectResponse("/ridership/trials?done=planned", 303)


@router.post("/close")
async def close(request: Request, trial: Text = "", outcome: Text = "") -> Response:
    """Close a trial with its outcome."""
    person = allow(await maybe_person(request), Action.PLAN)

    def act() -> None:
        if outcome not in list(Outcome):
            raise Invalid("bad-outcome", f"{outcome!r} is no outcome", given=outcome, allowed=", ".join(Outcome))
        trial_service.close_trial(state_of(request).context, person, trial, Outcome(outcome))

    try:
        await run_in_threadpool(act)
    except ShuttleError as error:
        fault = fault_of(error, frame_of(request).words, "")
        return await run_in_threadpool(_page, request, person, (fault,), {}, 422)
    return RedirectResponse("/ridership/trials?done=closed", 303)


@router.post("/delete")
async def delete(request: Request, trial: Text = "") -> Response:
    """Delete a trial without an outcome."""
    person = allow(await maybe_person(request), Action.PLAN)
    try:
        await run_in_threadpool(trial_service.delete_trial, state_of(request).context, person, trial)
    except ShuttleError as error:
        fault = fault_of(error, frame_of(request).words, "")
        return await run_in_threadpool(_page, request, person, (fault,), {}, 422)
    return RedirectResponse("/ridership/trials?done=deleted", 303)


def trial_of(form_values: dict[str, str]) -> Trial:
    """The form as a trial. Raises Invalid; its code names the field (FIELD_OF)."""
    measure = form_values["measure"]
    if measure not in list(Measure):
        raise Invalid("bad-measure", "there is no such measure", given=measure, allowed=", ".join(Measure))
    return Trial(
        id="",
        question=form_values["question"],
        measure=Measure(measure),
        baseline=Span(parse_date(form_values["baseline_from"]), parse_date(form_values["baseline_to"])),
        starts=parse_date(form_values["starts"]),
        weeks=_weeks(form_values["weeks"]),
        goal=_number(form_values["goal"], "bad-goal"),
        stop_rule=form_values["stop_rule"],
        stop=form_values["stop"] or None,
    )


def _weeks(text: str) -> int:
    number = _number(text, "bad-weeks")
    if number != int(number):
        raise Invalid("bad-weeks", f"{text!r} is no number of whole weeks", given=text, allowed="1 to 104 weeks")
    return int(number)


def _number(text: str, code: str) -> float:
    """A number as people write it, with a comma too."""
    try:
        number = float(text.strip().replace(",", "."))
    except ValueError:
        number = float("nan")
    if not 0 <= number <= 1_000_000:
        raise Invalid(code, f"{text!r} is no number", given=text, allowed="a number, as 4 or 4,5")
    return number


FIELD_OF = {
    "bad-question": "question",
    "bad-stop-rule": "stop_rule",
    "bad-measure": "measure",
    "unknown-stop": "stop",
    "bad-span": "baseline_from",
    "span-too-long": "baseline_from",
    "baseline-after-start": "baseline_to",
    "trial-too-late": "starts",
    "bad-weeks": "weeks",
    "bad-goal": "goal",
}


def _field(error: ShuttleError, form_values: dict[str, str]) -> str:
    """The field that an error is about; an unreadable date is found by its text."""
    if error.code in ("bad-date", "date-outside"):
        return next(
            (name for name in ("baseline_from", "baseline_to", "starts") if form_values[name] == error.given), "weeks"
        )
    return FIELD_OF.get(error.code, "")


def _page(
    request: Request,
    person: Person,
    faults: tuple[FieldFault, ...],
    form_values: dict[str, str],
    status: int,
    looked: trial_service.Baseline | None = None,
) -> Response:
    context, frame = state_of(request).context, frame_of(request, person)
    words = frame.words
    names = {stop.id: stop.name for stop in context.schedule().network.stops}
    done = request.query_params.get("done", "")
    return show(
        request,
        frame,
        "ridership/trials.html",
        status=status,
        shown=trial_service.trials(context, person),
        unreadable=trial_service.unreadable_trials(context, person),
        may_plan=may(person, Action.PLAN),
        measures=[(measure.value, words.say(f"trials.measure.{measure}")) for measure in Measure],
        stops=[("", words.say("trials.everywhere")), *names.items()],
        outcomes=[outcome.value for outcome in Outcome],
        names=names,
        today=context.today(),
        zone=context.zone,
        faults=faults,
        looked=looked,
        given={**dict.fromkeys(FIELDS, ""), "weeks": "6", **form_values},
        done=done if done in DONE and not faults else "",
    )
