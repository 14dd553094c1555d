"""The program on a filled database, to be run in a process of its own, with its clock set.

It can be killed like the real one, and a journey that needs ten to three in the afternoon can have it.
"""

import asyncio
import os
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from granian.constants import Interfaces
from granian.server.embed import Server

from shuttle.services.operation.installation import open_app_context
from shuttle.settings import Settings
from shuttle.web.app import create_app


def serve(database: str, port: int, moment: str, settings: dict[str, str]) -> None:
    """Until it is killed, with these settings of the environment."""
    os.environ.update(settings)
    asyncio.run(_serve(database, port, moment))


async def _serve(database: str, port: int, moment: str) -> None:
    context = open_app_context(database, ZoneInfo("Europe/Oslo"))
    ahead = datetime.fromisoformat(moment) - datetime.now(UTC)
    context.now = lambda: datetime.now(UTC) + ahead
    app = create_app(context, Settings())
    server = Server(app, address="127.0.0.1", port=port, interface=Interfaces.ASGI, websockets=False, log_enabled=False)
    await server.serve()
