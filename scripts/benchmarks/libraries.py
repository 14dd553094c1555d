"""The baseline of a start: a FastAPI hello in one process, which has read the libraries that the product's first answers need too.

python -m scripts.benchmarks.libraries PORT    serves until it is ended
"""

import asyncio
import sys

import babel
import orjson
import pydantic_settings
import sqlalchemy.orm
import typer
from granian.constants import Interfaces
from granian.server.embed import Server

from scripts.benchmarks.hello import app

READ = (babel, orjson, pydantic_settings, sqlalchemy.orm, typer)


async def serve(port: int) -> None:
    server = Server(app, address="127.0.0.1", port=port, interface=Interfaces.ASGI, websockets=False, log_enabled=False)
    await server.serve()


if __name__ == "__main__":
    asyncio.run(serve(int(sys.argv[1])))
