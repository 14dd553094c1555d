"""Pictures of stops in the database, one a stop. The bytes are read only by whoever serves them."""

from base64 import b64decode, b64encode
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from shuttle.domain.timetable.facts.pictures import StopPicture
from shuttle.store.tables.network import StopPictureRow

_DESCRIBED = ("stop", "width", "height", "digest", "alt", "alt_nn", "alt_en")


def read_pictures(session: Session) -> tuple[StopPicture, ...]:
    """Every picture without its bytes, by stop."""
    columns: list[Any] = [getattr(StopPictureRow, name) for name in _DESCRIBED]
    query = select(*columns).order_by(StopPictureRow.stop)
    return tuple(StopPicture(**row) for row in session.execute(query).mappings())


def picture_content(session: Session, stop: str) -> tuple[str, bytes] | None:
    """(media type, bytes) of a stop's picture; None where it has none."""
    row = session.get(StopPictureRow, stop)
    return (row.media_type, b64decode(row.content)) if row else None


def write_picture(session: Session, picture: StopPicture, media_type: str, content: bytes) -> None:
    """Replace a stop's picture."""
    delete_picture(session, picture.stop)
    values = {name: getattr(picture, name) for name in _DESCRIBED}
    session.add(StopPictureRow(**values, media_type=media_type, content=b64encode(content).decode()))
    session.flush()


def delete_picture(session: Session, stop: str) -> None:
    session.execute(delete(StopPictureRow).where(StopPictureRow.stop == stop))
