"""Formats of dates, times and numbers in each language.

A time of day is a minute of the service day and may lie past midnight (1450 is 00.10 on the next date): it is written as a
time of the calendar day. Norwegian uses `kl. 10.00`, a decimal comma and a space between thousands; English uses `10:00`, a
decimal point and a comma.
"""

from collections.abc import Sequence
from datetime import date, datetime, tzinfo

from babel.dates import format_date
from babel.lists import format_list
from babel.numbers import format_decimal

_LOCALES = {"nb": "nb_NO", "nn": "nn_NO", "en": "en_GB"}
_DAY_MINUTES = 24 * 60


class Formats:
    """The formats of one language. Methods return text."""

    def __init__(self, language: str) -> None:
        self.language = language
        self.locale = _LOCALES[language]
        self._between = ":" if language == "en" else "."
        self._under = "below" if language == "en" else "under"

    def clock_text(self, minute: int) -> str:
        """A minute of the service day for a table: `10.00`, in English `10:00`."""
        hours, minutes = divmod(minute % _DAY_MINUTES, 60)
        return f"{hours:02d}{self._between}{minutes:02d}"

    def at_clock(self, minute: int) -> str:
        """A minute of the service day in a sentence: `kl. 10.00`, in English `10:00`."""
        return self.clock_text(minute) if self.language == "en" else f"kl.\N{NO-BREAK SPACE}{self.clock_text(minute)}"

    def date_text(self, day: date) -> str:
        """A date with its weekday: `torsdag 14. mai 2026`; in English `Thursday 14 May 2026`."""
        return format_date(day, "EEEE d MMMM y" if self.language == "en" else "EEEE d. MMMM y", locale=self.locale)

    def date_short(self, day: date) -> str:
        """A date without its weekday: `14. mai 2026`; in English `14 May 2026`."""
        return format_date(day, "d MMMM y" if self.language == "en" else "d. MMMM y", locale=self.locale)

    def date_figures(self, day: date) -> str:
        """A date in digits: `14.05.2026`; in English `14/05/2026`."""
        return format_date(day, "dd/MM/y" if self.language == "en" else "dd.MM.y", locale=self.locale)

    def date_typed(self, day: date) -> str:
        """A date as it stands in an input, in Norwegian order for every language of the browser: `14.05.2026`."""
        return day.strftime("%d.%m.") + f"{day.year:04}"

    def day_and_month(self, day: date) -> str:
        """A date without its year: `14. mai`; in English `14 May`."""
        return format_date(day, "d MMMM" if self.language == "en" else "d. MMMM", locale=self.locale)

    def weekday(self, day: date) -> str:
        """The weekday of a date: `torsdag`; in English `Thursday`."""
        return format_date(day, "EEEE", locale=self.locale)

    def month(self, day: date) -> str:
        """The month and year of a date: `mai 2026`."""
        return format_date(day, "LLLL y", locale=self.locale)

    def month_short(self, day: date) -> str:
        """The month of a date, shortened, with the year in January: `mai`, `jan. 2027`."""
        return format_date(day, "LLL y" if day.month == 1 else "LLL", locale=self.locale)

    def moment_text(self, moment: datetime, zone: tzinfo) -> str:
        """An aware moment as local date and time: `14. mai 2026 kl. 10.00`."""
        local = moment.astimezone(zone)
        between = ", " if self.language == "en" else " "
        return f"{self.date_short(local)}{between}{self.at_clock(local.hour * 60 + local.minute)}"

    def duration(self, minutes: float) -> str:
        """A duration in minutes: `45 min`, `2 t 05 min`; in English `2 h 05 min`."""
        hours, rest = divmod(round(minutes), 60)
        unit = "h" if self.language == "en" else "t"
        return (
            f"{hours}\N{NO-BREAK SPACE}{unit} {rest:02d}\N{NO-BREAK SPACE}min"
            if hours
            else f"{rest}\N{NO-BREAK SPACE}min"
        )

    def listed(self, names: Sequence[str]) -> str:
        """Names as a list: `MO Gyldenpris og MO Nesttun`."""
        return format_list(names, locale=self.locale)

    def number(self, value: float, decimals: int = 0) -> str:
        """A number, rounded: `12 345`, or with decimals `12 345,5`."""
        pattern = "#,##0" + (f".{'0' * decimals}" if decimals else "")
        return str(format_decimal(round(value, decimals) + 0, pattern, locale=self.locale))  # never "-0"

    def percent(self, share: float, decimals: int = 0) -> str:
        """A share of 1 as a percentage: 0.325 -> `33 %`; in English `33%`."""
        return self.number(100 * share, decimals) + ("%" if self.language == "en" else "\N{NO-BREAK SPACE}%")

    def gap(self, share: float) -> str:
        """An optimality gap (a share of 1) with one decimal, never as 0: 0.0002 -> `under 0,1 %`."""
        least = 0.001
        return self.percent(share, 1) if share >= least / 2 else f"{self._under} {self.percent(least, 1)}"

    def kroner(self, value: float) -> str:
        """An amount of money: `12 000 kr`; in English `NOK 12,000`."""
        return f"NOK {self.number(value)}" if self.language == "en" else f"{self.number(value)}\N{NO-BREAK SPACE}kr"
