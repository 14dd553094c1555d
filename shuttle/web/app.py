"""The web application: routers put together, errors and limits in one place.

`create_app` takes a house that is already open, so that tests, one worker and many workers make it in the same way.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI

from shuttle import __version__
from shuttle.services.house import House
from shuttle.settings import Settings
from shuttle.web import assets, feeds, problems
from shuttle.web.answers import Answers
from shuttle.web.api import changes, passings, schedule, timetables
from shuttle.web.pages import driver, errors, public
from shuttle.web.state import State


def create_app(house: House, settings: Settings) -> FastAPI:
    """The application on an open house; closing the application closes the house."""

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        yield
        house.close()

    app = FastAPI(
        title="Shuttle",
        version=__version__,
        lifespan=lifespan,
        docs_url=None,
        redoc_url=None,
        description="Departures, changes and boardings of a small public shuttle. Times carry their offset.",
    )
    app.state.shuttle = State(house, settings, Answers(house))
    problems.install(app, errors.error_page)
    app.include_router(schedule.router)
    app.include_router(changes.router)
    app.include_router(timetables.router)
    app.include_router(passings.router)
    app.include_router(feeds.router)
    app.include_router(assets.router)
    app.include_router(public.router)
    app.include_router(driver.router)
    return app
