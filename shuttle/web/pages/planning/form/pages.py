"""Pages of a scenario's form, which writes the TOML that a planner may also type.

Each button sends the whole form, also "add a row": it works without a script, and nothing typed is lost (`drafts.py`). A text with keys
that the form would lose is shown as text.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from fastapi import APIRouter, Request
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData
from starlette.responses import RedirectResponse, Response

from shuttle.domain.access.permissions import Action, Person, allow
from shuttle.domain.basics.errors import Invalid, Refused, TooMany
from shuttle.feeds.scenario_files.reader import read_scenario
from shuttle.feeds.scenario_files.text_edits import toml_text
from shuttle.feeds.text_gate import SCENARIO, toml_values
from shuttle.feeds.toml.lines import parse_toml
from shuttle.language import Words
from shuttle.language.faults import fault_text
from shuttle.services.planning.saved_scenarios import save
from shuttle.store.planning import scenarios as store
from shuttle.web.pages.faults import FieldFault
from shuttle.web.pages.frame import frame_of, show
from shuttle.web.pages.planning.form import drafts
from shuttle.web.pages.planning.form.fields import (
    Typed,
    document_of,
    field_at,
    rest_of,
    rows,
    tidied,
    typed_of,
    with_rows,
)
from shuttle.web.pages.planning.form.view import first_scenario, form_view, label_of
from shuttle.web.pages.planning.pictures import stop_names
from shuttle.web.pages.planning.scenario import (
    SAVED,
    Opened,
    done_saving,
    faults_of,
    queue,
    scenario_page,
    scenario_text,
)
from shuttle.web.server.identity import Asking, maybe_person
from shuttle.web.server.state import state_of

router = APIRouter(prefix="/plan", include_in_schema=False)

CONTROLS = ("act", "rest", "minutes", "seed", "of", "opened", "kind")
"""Inputs that are not the scenario's own."""

NEW_ROWS: Mapping[str, dict[str, list[str]]] = {
    "patterns": {"stops": [""]},
    "demand.profile": {"slot_minutes": ["60"], "starts": ["09:00"]},
}
_COMMENT = re.compile(r"^[ \t]*#", re.MULTILINE)


@dataclass(frozen=True, kw_only=True)
class Sent:
    """A form as it was sent.

    `rest`: TOML of the keys without an input; `of`: the saved scenario that was opened, when `opened` was its newest revision.
    """

    typed: Typed
    rest: str = ""
    of: str = ""
    opened: str = ""
    minutes: str = "2"
    seed: str = "0"

    @property
    def text(self) -> str:
        """The TOML text of the form."""
        return toml_text(document_of(self.typed, values_of(self.rest)))


def values_of(text: str) -> dict[str, Any]:
    """The values of a text; none of one that is no TOML."""
    try:
        return toml_values(text, limits=SCENARIO)
    except Invalid:
        return {}


@router.api_route("/form", methods=["GET", "HEAD"])
def form(
    request: Request,
    asking: Asking,
    file: str = "",
    plan: str = "",
    saved: str = "",
    revision: int | None = None,
    done: str = "",
) -> Response:
    """The form of a scenario from a file, a run or a saved revision, or of a new one."""
    person = allow(asking, Action.PLAN)
    context = state_of(request).context
    text = scenario_text(request, file, plan, saved, revision)
    draft = None if done else drafts.draft_of(request, person, _page_of(request))
    if draft is not None:
        kept_at = frame_of(request).words.moment_text(draft.kept_at, context.zone)
        kept = sent(((name, each) for name, texts in draft.inputs.items() for each in texts), frame_of(request).words)
        return form_page(request, person, kept, _faults(request, kept), kept_at=kept_at)
    if not text:
        new = first_scenario(context.schedule(), context.today())
        return form_page(request, person, Sent(typed=typed_of(new)))
    return _opened(request, person, text, saved, done if done in SAVED else "")


def _page_of(request: Request) -> str:
    return drafts.page_of(request, "file", "plan", "saved", "revision")


@router.post("/form/open")
async def open_form(request: Request) -> Response:
    """The form of a text that was typed."""
    person = allow(await maybe_person(request), Action.PLAN)
    inputs = await request.form()
    text = str(inputs.get("scenario", "")).replace("\r\n", "\n")
    return await run_in_threadpool(_opened, request, person, text, "", "")


@router.post("/form")
async def act(request: Request) -> Response:
    """The action of a button of the form."""
    return await drafts.acted(request, _act)


@router.post("/form/checked")
async def checked(request: Request) -> Response:
    """The faults of the form while it is typed; the form is kept."""
    return await drafts.checked(request, _checked)


def _checked(request: Request, person: Person, inputs: FormData) -> Response:
    drafts.keep(request, person, _page_of(request), drafts.texts_of(inputs))
    form = sent(inputs.multi_items(), frame_of(request).words)
    faults = _labelled(_faults(request, form), form, request)
    return show(request, frame_of(request, person), "plan/form_checked.html", faults=faults)


def _opened(request: Request, person: Person, text: str, of: str, done: str) -> Response:
    """The text as a form; as text where it is no TOML, or has keys that the form would lose."""
    try:
        document = dict(parse_toml(text, "scenario", SCENARIO).values)
    except Invalid:
        return scenario_page(request, person, text, _text_faults(request, text), status=422)
    typed, rest = tidied(typed_of(document)), rest_of(document)
    if not _same(request, document, document_of(typed, rest)):
        return scenario_page(request, person, text, done="only_text", of=Opened(of, None) if of else None)
    form = Sent(typed=typed, rest=toml_text(rest), of=of, opened=_newest(request, of))
    return form_page(request, person, form, _faults(request, form), done=done, comments=bool(_COMMENT.search(text)))


def _newest(request: Request, scenario: str) -> str:
    """The number of its newest revision; nothing for one that was never saved."""
    with state_of(request).context.reading() as session:
        return str(store.revision(session, scenario).revision) if scenario else ""


def _faults(request: Request, form: Sent) -> tuple[FieldFault, ...]:
    """The faults of the form, each at its input."""
    context, words = state_of(request).context, frame_of(request).words
    try:
        read_scenario(form.text, context.schedule(), context.today())
    except Invalid as error:
        return _at_inputs(request, form, error, words)
    return ()


def _at_inputs(
    request: Request, form: Sent, error: Invalid | Refused | TooMany, words: Words
) -> tuple[FieldFault, ...]:
    faults = tuple(FieldFault(field_at(form.typed, fault.path), fault_text(fault, words)) for fault in error.faults)
    return faults or faults_of(request, error)


def _same(request: Request, one: dict[str, Any], other: dict[str, Any]) -> bool:
    """True when both documents are the same scenario; where one has faults, when both have the same values."""
    context = state_of(request).context
    schedule, today = context.schedule(), context.today()
    try:
        return read_scenario(toml_text(one), schedule, today) == read_scenario(toml_text(other), schedule, today)
    except Invalid:
        return bool(_bare(one) == _bare(other))


def _bare(value: Any) -> Any:
    """A value without keys that change nothing: empty lists and tables, `assumed = false`, `hard = true`."""
    if isinstance(value, dict):
        kept = {key: _bare(each) for key, each in value.items() if (key, each) != ("hard", True)}
        return {key: each for key, each in kept.items() if each not in ([], {}, False)}
    return [_bare(each) for each in value] if isinstance(value, list) else value


def _text_faults(request: Request, text: str) -> tuple[FieldFault, ...]:
    context = state_of(request).context
    try:
        read_scenario(text, context.schedule(), context.today())
    except Invalid as error:
        return faults_of(request, error)
    return ()


def sent(inputs: Iterable[tuple[str, Any]], words: Words) -> Sent:
    """The form as it was sent, by name and text. A scenario without an id is called after its name, a requirement without a name after
    its kind."""
    typed: Typed = {}
    several = list(inputs)
    for name, text in several:
        if name not in CONTROLS and isinstance(text, str):
            typed.setdefault(name, []).append(text[:2000])
    typed = _named(tidied(typed), words)
    if not "".join(typed.get("id", [])).strip():
        typed["id"] = [identifier("".join(typed.get("name", []))) or "scenario"]
    first = {name: str(text) for name, text in reversed(several)}
    control = {name: first.get(name, "")[:200_000] for name in CONTROLS}
    return Sent(
        typed=typed,
        rest=control["rest"],
        of=control["of"],
        opened=control["opened"],
        minutes=control["minutes"] or "2",
        seed=control["seed"] or "0",
    )


def _named(typed: Typed, words: Words) -> Typed:
    """Requirements without a name get one: what their kind is called, with a number where that is taken."""
    several = rows(typed, "requirements")
    taken = {"".join(row.get("name", [])).strip() for row in several}
    for row in several:
        if not "".join(row.get("name", [])).strip():
            key = f"form.kind.{''.join(row.get('kind', []))}"
            name = words.say(key) if words.knows(key) else ""
            free = (text for n in range(1, len(several) + 2) if (text := f"{name} {n}" if n > 1 else name) not in taken)
            row["name"] = [next(free)]
            taken.add(row["name"][0])
    return with_rows(typed, "requirements", several)


def identifier(name: str) -> str:
    """An id after a name: `Åpent om kvelden` -> `apent-om-kvelden`."""
    plain = name.lower().replace("æ", "ae").replace("ø", "o").replace("å", "a")
    return "-".join(re.findall(r"[a-z0-9]+", plain))[:80].rstrip("-")


def _act(request: Request, person: Person, inputs: FormData) -> Response:
    form = sent(inputs.multi_items(), frame_of(request).words)
    action, _, where = str(inputs.get("act", "")).partition(":")
    if action == "forget":
        drafts.forget(request, person, _page_of(request))
        return RedirectResponse(drafts.page_of(request, "file", "plan", "saved", "revision"), 303)
    actions: Mapping[str, Callable[[], Response]] = {
        "text": lambda: scenario_page(request, person, form.text, minutes=form.minutes, seed=form.seed),
        "check": lambda: _check(request, person, form),
        "save": lambda: _save(request, person, form),
        "run": lambda: _run(request, person, form),
        "add": lambda: form_page(request, person, _added(form, where, str(inputs.get("kind", "")))),
        "remove": lambda: form_page(request, person, _removed(form, where)),
    }
    response = actions.get(action, actions["check"])()
    if action not in ("save", "text"):
        changed = _changed(form, action, where, str(inputs.get("kind", "")))
        drafts.keep(request, person, _page_of(request), {**changed.typed, **_controls(changed)})
    return response


def _controls(form: Sent) -> dict[str, list[str]]:
    return {name: [getattr(form, name)] for name in ("rest", "of", "opened", "minutes", "seed")}


def _changed(form: Sent, action: str, where: str, kind: str) -> Sent:
    """The form with the row that a button adds or removes."""
    if action == "add":
        return _added(form, where, kind)
    return _removed(form, where) if action == "remove" else form


def _added(form: Sent, of: str, kind: str) -> Sent:
    row = {"kind": [kind]} if of == "requirements" else dict(NEW_ROWS.get(of, {}))
    return _with(form, of, [*rows(form.typed, of), row]) if row else form


def _removed(form: Sent, where: str) -> Sent:
    of, _, index = where.rpartition(".")
    kept = [row for n, row in enumerate(rows(form.typed, of)) if str(n) != index]
    return _with(form, of, kept)


def _with(form: Sent, of: str, new_rows: list[dict[str, list[str]]]) -> Sent:
    return replace(form, typed=with_rows(form.typed, of, new_rows))


def _check(request: Request, person: Person, form: Sent) -> Response:
    faults = _faults(request, form)
    if faults:
        return form_page(request, person, form, faults, status=422)
    return form_page(request, person, form, done="checked")


def _save(request: Request, person: Person, form: Sent) -> Response:
    context = state_of(request).context
    try:
        with context.transaction() as session:
            row = save(session, person, form.text, context.now())
    except (Invalid, Refused) as error:
        drafts.keep(request, person, _page_of(request), {**form.typed, **_controls(form)})
        return _refused(request, person, form, error)
    drafts.forget(request, person, _page_of(request))
    drafts.forget(request, person, f"/plan/form?saved={row.scenario}")
    return RedirectResponse(f"/plan/form?saved={row.scenario}&done={done_saving(row.revision, form.opened)}", 303)


def _run(request: Request, person: Person, form: Sent) -> Response:
    try:
        return queue(request, person, form.text, form.minutes, form.seed)
    except (Invalid, TooMany) as error:
        return _refused(request, person, form, error)


def _refused(request: Request, person: Person, form: Sent, error: Invalid | Refused | TooMany) -> Response:
    faults = _at_inputs(request, form, error, frame_of(request).words)
    return form_page(request, person, form, faults, status=429 if isinstance(error, TooMany) else 422)


def form_page(
    request: Request,
    person: Person,
    form: Sent,
    faults: tuple[FieldFault, ...] = (),
    *,
    done: str = "",
    comments: bool = False,
    kept_at: str = "",
    status: int = 200,
) -> Response:
    """The form with its texts and their faults. `comments`: the text has some, which the form does not write. `kept_at`: when it was
    typed, where it was not saved since."""
    state, frame = state_of(request), frame_of(request, person)
    errors: dict[str, str] = {}
    for fault in faults:
        errors[fault.field] = " ".join(filter(None, (errors.get(fault.field), fault.message)))
    schedule, words = state.context.schedule(), frame.words
    view = form_view(form.typed, schedule, state.settings.schedules, state.context.today(), words)
    here = drafts.page_of(request, "file", "plan", "saved", "revision")
    return show(
        request,
        frame,
        "plan/form.html",
        status=status,
        form=form,
        view=view,
        here=here if here.startswith("/plan/form") and "/open" not in here else "/plan/form",
        kept_at=kept_at,
        faults=_labelled(faults, form, request),
        errors=errors,
        done=done,
        comments=comments,
    )


def _labelled(faults: Iterable[FieldFault], form: Sent, request: Request) -> tuple[FieldFault, ...]:
    """The faults with the labels of their inputs."""
    names, words = stop_names(state_of(request).context.schedule()), frame_of(request).words
    labels = ((fault, label_of(fault.field, form.typed, names, words)) for fault in faults)
    return tuple(FieldFault(f.field, f"{label}: {f.message}" if label else f.message) for f, label in labels)
