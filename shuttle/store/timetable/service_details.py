"""The service's names, agency and texts in the database: one row for each that is stated."""

from collections.abc import Iterator

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from shuttle.domain.timetable.service_details import ABOUT_PAGES, LANGUAGE_KEYS, ServiceDetails
from shuttle.store.engine.rows import insert_all
from shuttle.store.tables.network import ServiceDetailRow


def has_details(session: Session) -> bool:
    """True when any detail is stated."""
    return bool(session.scalar(select(func.count()).select_from(ServiceDetailRow)))


def read_details(session: Session) -> ServiceDetails:
    """The details; a detail without a row is empty."""
    texts = {row.key: row.text for row in session.scalars(select(ServiceDetailRow))}
    return ServiceDetails(
        names={language: texts[f"name.{language}"] for language in LANGUAGE_KEYS if texts.get(f"name.{language}")},
        agency_id=texts.get("agency.id", ""),
        agency_name=texts.get("agency.name", ""),
        agency_url=texts.get("agency.url", ""),
        about={page: texts[f"about.{page}"] for page in ABOUT_PAGES if texts.get(f"about.{page}")},
        is_example=texts.get("example") == "yes",
    )


def write_details(session: Session, details: ServiceDetails) -> None:
    """Replace the details. The caller raises the schedule's version, so that every process reads them again."""
    session.execute(delete(ServiceDetailRow))
    insert_all(session, ServiceDetailRow, [{"key": key, "text": text} for key, text in _rows(details) if text])
    session.flush()


def _rows(details: ServiceDetails) -> Iterator[tuple[str, str]]:
    yield from ((f"name.{language}", name) for language, name in details.names.items())
    yield "agency.id", details.agency_id
    yield "agency.name", details.agency_name
    yield "agency.url", details.agency_url
    yield from ((f"about.{page}", text) for page, text in details.about.items())
    yield "example", "yes" if details.is_example else ""
