"""Findings of quality checks as text: numbers and times unchanged, dates in the language's format."""

from datetime import date

from shuttle.domain.timetable.quality_checks import QualityFinding
from shuttle.language import Words


def finding_text(finding: QualityFinding, words: Words) -> str:
    """The sentence of a finding: `Den siste rutetabellen slutter 28. februar 2027, om 97 dager.`"""
    values = {
        name: words.date_short(value) if isinstance(value, date) else value for name, value in finding.values.items()
    }
    return words.say(f"control.{finding.control}", **values)
