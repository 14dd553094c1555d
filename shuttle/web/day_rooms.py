"""The rooms that people come to in the course of a day: pages of passengers, drivers and staff, changes, what passed and who was left.

Nothing imports this module: `opening.py` reads it when the front rooms serve already. Pages are written with templates, which
departures and counts need not wait for.
"""

from fastapi import FastAPI

from shuttle.web import assets
from shuttle.web.api import changes, counting_keys, passings, unserved
from shuttle.web.opening import routes_of
from shuttle.web.pages import driver, errors, public, staff
from shuttle.web.state import State

ROUTERS = (
    counting_keys.router,
    changes.router,
    passings.router,
    unserved.router,
    assets.router,
    public.router,
    driver.router,
    staff.router,
)


async def furnish(app: FastAPI) -> None:
    """Put the rooms into the application."""
    state: State = app.state.shuttle
    state.error_page = errors.error_page
    app.router.routes.extend(routes_of(ROUTERS))
