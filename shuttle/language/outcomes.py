"""A remark in words, and whether they are the reader's own."""

from collections.abc import Sequence
from dataclasses import dataclass

from shuttle.domain.basics.outcome import AS_WRITTEN, JobOutcome
from shuttle.domain.basics.service_time import Minute
from shuttle.language import Words


@dataclass(frozen=True)
class OutcomeText:
    """`text`: in the reader's language, empty where there is none. `detail`: the program's own English where the text says
    less than that; else empty."""

    text: str
    detail: str = ""


def outcome_text(remark: JobOutcome, words: Words) -> OutcomeText:
    """A remark in the reader's words: those of the job, those of the error, or that something failed and its detail."""
    amounts = {name: _amount(value, words) for name, value in remark.amounts.items()}
    for key in (f"remark.{remark.code}", f"fault.{remark.code}"):
        if words.knows(key):
            return OutcomeText(words.say(key, **amounts))
    return OutcomeText("" if remark.code == AS_WRITTEN else words.say("remark.failed"), remark.detail)


def _amount(value: int | str | Sequence[Minute], words: Words) -> str:
    if isinstance(value, str):
        return value
    return words.number(value) if isinstance(value, int) else ", ".join(map(words.clock_text, value))
