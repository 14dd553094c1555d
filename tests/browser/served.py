"""The program in a process of its own whose clock was set: `python -m tests.browser.served DATABASE PORT MOMENT`.

It can be killed like the real one, and a journey that needs ten to three in the afternoon can have it.
"""

import asyncio
import sys
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from granian.constants import Interfaces
from granian.server.embed import Server

from shuttle.services.installation import open_house, prepare
from shuttle.settings import Settings
from shuttle.web.app import create_app
from tests.builders import SCHEDULES


async def main(database: str, port: int, moment: str) -> None:
    house = open_house(database, ZoneInfo("Europe/Oslo"))
    prepare(house, SCHEDULES)
    ahead = datetime.fromisoformat(moment) - datetime.now(UTC)
    house.now = lambda: datetime.now(UTC) + ahead
    app = create_app(house, Settings())
    server = Server(app, address="127.0.0.1", port=port, interface=Interfaces.ASGI, websockets=False, log_enabled=False)
    await server.serve()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], int(sys.argv[2]), sys.argv[3]))
