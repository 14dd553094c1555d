"""Who asks: the person behind a request, or nobody."""

from typing import Annotated

from fastapi import Depends, Request

from shuttle.domain.access import Person


async def maybe_person(_request: Request) -> Person | None:
    """Nobody, as long as there are no accounts."""
    return None


Asking = Annotated[Person | None, Depends(maybe_person)]
"""The one who asks, for a route; `allow` decides."""
