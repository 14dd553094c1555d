"""The pages that are open to whoever comes on a day: passengers', drivers' and staff's, and the page that says what went wrong.

Nothing imports this module: `opening.py` reads it when the front rooms serve already. Pages are written with templates and words,
which departures and counts need not wait for.
"""

from fastapi import FastAPI

from shuttle.web.opening import routes_of
from shuttle.web.pages import driver, errors, public, staff
from shuttle.web.state import State

ROUTERS = (public.router, driver.router, staff.router)


async def furnish(app: FastAPI) -> None:
    """Put the rooms into the application."""
    state: State = app.state.shuttle
    state.error_page = errors.error_page
    app.router.routes.extend(routes_of(ROUTERS))
