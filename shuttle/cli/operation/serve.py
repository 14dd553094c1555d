"""`shuttle serve`: web, API, feeds and scheduler in one program.

A single worker runs in this process. Several workers are child processes, which end with this one (on Linux by PR_SET_PDEATHSIG).
"""

import asyncio
import os
import signal
import socket
import threading
from typing import TYPE_CHECKING, Annotated

import typer

from shuttle.domain.basics.errors import Unavailable
from shuttle.services.access.accounts import first_link
from shuttle.services.operation.installation import open_app_context, prepare
from shuttle.services.ridership.releases import check_fortnights
from shuttle.settings import Settings, read_settings

if TYPE_CHECKING:
    from fastapi import FastAPI
    from granian.http import HTTP1Settings
    from granian.server.embed import Server

app = typer.Typer()

HEADER_SECONDS = 30
"""How long a client may take to send a request's head, and how long a kept-alive connection may be idle."""
HEADER_BYTES = 64 * 1024
"""About the longest head of a request, address included; longer ones are refused (431 or 414)."""
GRACE_SECONDS = 8
"""How long running requests and a running job may take when the server stops."""


@app.command()
def serve(
    host: Annotated[str | None, typer.Option(help="Address to listen on")] = None,
    port: Annotated[int | None, typer.Option(min=1, max=65535, help="Port to listen on")] = None,
    workers: Annotated[int | None, typer.Option(min=1, max=64, help="Web worker processes")] = None,
) -> None:
    """Serve the pages, the API and the feeds; Ctrl-C ends."""
    for name, value in (("HOST", host), ("PORT", port), ("WORKERS", workers)):
        if value is not None:
            os.environ[f"SHUTTLE_{name}"] = str(value)
    settings = read_settings()
    check_free(settings)
    share_metrics(settings)
    context = open_app_context(settings.database, settings.zone)
    if prepare(context, settings.schedules):
        say(f"Filled an empty database from {settings.schedules}.")
    check_fortnights(context, settings.fortnight_anchor)
    with context.transaction() as session:
        secret = first_link(session, context.now())
    context.close()
    say(f"Shuttle: http://{settings.host}:{settings.port}")
    if secret is not None:
        say(f"Nobody has an account yet. Make the first administrator: {settings.address_here}/login/link/{secret}")
    if settings.workers == 1:
        asyncio.run(_serve_here(settings))
    else:
        _serve_with_workers(settings)


def share_metrics(settings: Settings) -> None:
    """Set up prometheus_client's multiprocess mode for several workers: a folder of files, emptied at each start."""
    os.environ.pop("PROMETHEUS_MULTIPROC_DIR", None)
    if settings.workers == 1:
        return
    folder = settings.data_dir / "metrics"
    folder.mkdir(parents=True, exist_ok=True)
    for file in folder.glob("*.db"):
        file.unlink(missing_ok=True)
    os.environ["PROMETHEUS_MULTIPROC_DIR"] = str(folder)  # read by prometheus_client when a worker imports it


def say(line: str) -> None:
    """Print a line on standard error."""
    typer.echo(line, err=True)


def check_free(settings: Settings) -> None:
    """Raises Unavailable (`port-in-use`) before anything is started."""
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((settings.host, settings.port))
        except OSError as error:
            raise Unavailable(
                "port-in-use",
                f"cannot listen on {settings.host}:{settings.port} ({error.strerror}); choose another with --port",
                given=f"{settings.host}:{settings.port}",
                allowed="a free port and an address of this machine",
            ) from None


def _http() -> "HTTP1Settings":
    from granian.http import HTTP1Settings

    return HTTP1Settings(header_read_timeout=HEADER_SECONDS * 1000, max_buffer_size=HEADER_BYTES)


async def _serve_here(settings: Settings) -> None:
    from granian.constants import HTTPModes, Interfaces
    from granian.server.embed import Server

    from shuttle.cli.operation.worker import create

    app = create()
    server = Server(
        app,
        address=settings.host,
        port=settings.port,
        interface=Interfaces.ASGI,
        websockets=False,
        http=HTTPModes.http1,  # reverse proxies speak it, and its limits can be set
        http1_settings=_http(),
        log_enabled=False,
        backlog=1024,
    )
    loop = asyncio.get_running_loop()
    for signal_number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(signal_number, _stop, server, app)
    await server.serve()


def _stop(server: "Server", app: "FastAPI") -> None:
    """Graceful shutdown: running requests may finish within GRACE_SECONDS, since a client may never send the rest of its request.

    A thread ends the process then, because waiting for a job blocks the event loop; what it cuts off was not acknowledged. The
    scheduler stops at once and not after the last request, so that no job begins meanwhile and another process may take the lease.
    """
    state = app.state.shuttle
    state.ending = True
    server.stop()  # type: ignore[no-untyped-call]
    if state.scheduler is not None:
        threading.Thread(target=state.scheduler.stop, name="scheduler-stop", daemon=True).start()
    watch = threading.Timer(GRACE_SECONDS, os._exit, (0,))
    watch.daemon = True
    watch.start()


def _serve_with_workers(settings: Settings) -> None:
    from granian import Granian
    from granian.constants import HTTPModes, Interfaces

    Granian(
        "shuttle.cli.operation.worker:create_in_worker",
        address=settings.host,
        port=settings.port,
        interface=Interfaces.ASGI,
        workers=settings.workers,
        websockets=False,
        http=HTTPModes.http1,  # reverse proxies speak it, and its limits can be set
        http1_settings=_http(),
        factory=True,
        log_enabled=False,
        respawn_failed_workers=True,
        workers_kill_timeout=GRACE_SECONDS,
    ).serve()
