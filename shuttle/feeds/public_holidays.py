"""Special days of a country: public holidays and, in Norway, high days and eves, which are neither.

The dates come from the `holidays` library; the names and the kinds are ours, since the library has no nynorsk and calls
all of them public holidays. In another country every holiday of the library is a public holiday under the library's names.
Norway's public holidays: lov 24. februar 1995 nr. 12 § 2. High days, equal to Sundays: 1 and 17 May,
lov 26. april 1947 nr. 1. An eve is an ordinary day in law, which a planner decides date by date.
"""

from collections.abc import Mapping
from datetime import date, timedelta
from itertools import chain

from shuttle.domain.basics.errors import Invalid
from shuttle.domain.timetable.service_days import Names, SpecialDay, SpecialKind

FIRST_YEAR, LAST_YEAR = 2020, 2100

HOLIDAYS: Mapping[str, Names] = {
    "new-years-day": Names("1. nyttårsdag", "1. nyttårsdag", "New Year's Day"),
    "maundy-thursday": Names("Skjærtorsdag", "Skjertorsdag", "Maundy Thursday"),
    "good-friday": Names("Langfredag", "Langfredag", "Good Friday"),
    "easter-sunday": Names("1. påskedag", "1. påskedag", "Easter Sunday"),
    "easter-monday": Names("2. påskedag", "2. påskedag", "Easter Monday"),
    "labour-day": Names("Arbeidernes dag", "Arbeidardagen", "Labour Day"),
    "constitution-day": Names("Grunnlovsdag", "Grunnlovsdag", "Constitution Day"),
    "ascension-day": Names("Kristi himmelfartsdag", "Kristi himmelfartsdag", "Ascension Day"),
    "whit-sunday": Names("1. pinsedag", "1. pinsedag", "Whit Sunday"),
    "whit-monday": Names("2. pinsedag", "2. pinsedag", "Whit Monday"),
    "christmas-day": Names("1. juledag", "1. juledag", "Christmas Day"),
    "boxing-day": Names("2. juledag", "2. juledag", "Boxing Day"),
}
HIGH_DAYS = frozenset({"labour-day", "constitution-day"})

EVES: Mapping[str, Names] = {
    "wednesday-before-easter": Names("Onsdag før skjærtorsdag", "Onsdag før skjertorsdag", "Wednesday before Easter"),
    "easter-eve": Names("Påskeaften", "Påskeaftan", "Easter Eve"),
    "whitsun-eve": Names("Pinseaften", "Pinseaftan", "Whitsun Eve"),
    "christmas-eve": Names("Julaften", "Julaftan", "Christmas Eve"),
    "new-years-eve": Names("Nyttårsaften", "Nyttårsaftan", "New Year's Eve"),
}
EVERY_HOLIDAY = "public-holidays"
KEYS = (*HOLIDAYS, *EVES, EVERY_HOLIDAY)
"""Every key that `[special_days]` in schedules/calendar.toml may hold; the last is for holidays without a key of their own."""

NORWAY = "NO"

_KEY_BY_LIBRARY_NAME = {
    "New Year's Day": "new-years-day",
    "Maundy Thursday": "maundy-thursday",
    "Good Friday": "good-friday",
    "Easter Sunday": "easter-sunday",
    "Easter Monday": "easter-monday",
    "Labor Day": "labour-day",
    "Constitution Day": "constitution-day",
    "Ascension Day": "ascension-day",
    "Pentecost": "whit-sunday",
    "Pentecost Monday": "whit-monday",
    "Christmas Day": "christmas-day",
    "Second Day of Christmas": "boxing-day",
}

_EVE_OF = {
    "easter-sunday": (("wednesday-before-easter", 4), ("easter-eve", 1)),
    "whit-sunday": (("whitsun-eve", 1),),
    "christmas-day": (("christmas-eve", 1),),
}
"""Days by which an eve comes before its holiday; New Year's Eve is a date of its own, for the last year has no next one."""


def special_days(
    day_types: Mapping[str, str],
    first_year: int = FIRST_YEAR,
    last_year: int = LAST_YEAR,
    country: str = NORWAY,
    region: str = "",
) -> tuple[SpecialDay, ...]:
    """Every special day of the years, both included, in order of date.

    `day_types` gives the day type by key (see KEYS); a key without one runs as the week has it. `country`: ISO 3166-1 code of two
    capitals; `region`: code of a part of it in the library, empty: holidays of the whole country alone.
    Raises Invalid (`unknown-holiday`, `unknown-country`).
    """
    if country != NORWAY:
        return _days_abroad(day_types.get(EVERY_HOLIDAY), range(first_year, last_year + 1), country, region)
    from holidays.countries.norway import Norway  # reads the holidays of every country, which a start does not need

    dated = (
        (day, key)
        for day, names in Norway(years=range(first_year, last_year + 1), language="en_US").items()
        for key in map(_key, names.split("; "))
    )
    with_eves = chain.from_iterable(((day, key), *_eves(day, key)) for day, key in dated)
    days = sorted({*with_eves, *((date(year, 12, 31), "new-years-eve") for year in range(first_year, last_year + 1))})
    return tuple(
        SpecialDay(date=day, key=key, kind=_kind(key), names=names_of(key), day_type=_day_type(day_types, key))
        for day, key in days
    )


def _day_type(day_types: Mapping[str, str], key: str) -> str | None:
    return day_types.get(key, day_types.get(EVERY_HOLIDAY) if key in HOLIDAYS else None)


def _days_abroad(day_type: str | None, years: range, country: str, region: str) -> tuple[SpecialDay, ...]:
    """The public holidays of another country, in its own language and, where the library has it, in English."""
    from holidays import country_holidays, list_supported_countries

    countries = list_supported_countries()
    if country not in countries or (region and region not in countries[country]):
        regions = ", ".join(countries.get(country, ())) or ", ".join(countries)
        place = f"{country} {region}".strip()
        raise Invalid("unknown-country", f"the holidays of {place!r} are not known", given=place, allowed=regions)
    own = country_holidays(country, subdiv=region or None, years=years)
    english = next((each for each in ("en_US", "en_GB", "en") if each in own.supported_languages), None)
    translated = country_holidays(country, subdiv=region or None, years=years, language=english) if english else own
    if own.default_language:
        own = country_holidays(country, subdiv=region or None, years=years, language=own.default_language)
    return tuple(
        SpecialDay(
            date=day,
            key=f"holiday-{day.month:02}-{day.day:02}",
            kind=SpecialKind.PUBLIC_HOLIDAY,
            names=Names(name, name, translated.get(day, name)),
            day_type=day_type,
        )
        for day, name in sorted(own.items())
    )


def names_of(key: str) -> Names:
    """The names of a key of KEYS."""
    return HOLIDAYS[key] if key in HOLIDAYS else EVES[key]


def _key(library_name: str) -> str:
    if library_name not in _KEY_BY_LIBRARY_NAME:
        raise Invalid(
            "unknown-holiday",
            f"the calendar library knows a holiday {library_name!r} that has no name here",
            given=library_name,
            allowed=", ".join(HOLIDAYS),
        )
    return _KEY_BY_LIBRARY_NAME[library_name]


def _eves(day: date, key: str) -> list[tuple[date, str]]:
    return [(day - timedelta(days=before), eve) for eve, before in _EVE_OF.get(key, ())]


def _kind(key: str) -> SpecialKind:
    if key in EVES:
        return SpecialKind.EVE
    return SpecialKind.HIGH_DAY if key in HIGH_DAYS else SpecialKind.PUBLIC_HOLIDAY
