"""Job outcomes as text, in the reader's language where a text exists, else the program's English detail."""

from collections.abc import Sequence
from dataclasses import dataclass

from shuttle.domain.basics.outcome import AS_WRITTEN, JobOutcome
from shuttle.domain.basics.service_time import Minute
from shuttle.language import Words


@dataclass(frozen=True)
class OutcomeText:
    """`text`: in the reader's language, empty when there is none. `detail`: the English message when the text says less."""

    text: str
    detail: str = ""


def outcome_text(outcome: JobOutcome, words: Words) -> OutcomeText:
    """The text of the outcome's code: the job's own, else the error's, else "failed" with the detail."""
    amounts = {name: _amount(value, words) for name, value in outcome.amounts.items()}
    for key in (f"remark.{outcome.code}", f"fault.{outcome.code}"):
        if words.knows(key):
            return OutcomeText(words.say(key, **amounts))
    return OutcomeText("" if outcome.code == AS_WRITTEN else words.say("remark.failed"), outcome.detail)


def _amount(value: int | str | Sequence[Minute], words: Words) -> str:
    if isinstance(value, str):
        return value
    return words.number(value) if isinstance(value, int) else ", ".join(map(words.clock_text, value))
