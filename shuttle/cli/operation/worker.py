"""Where a worker process begins: the environment, the house, the application."""

import ctypes
import os
import signal
import sys
import threading
import time

from fastapi import FastAPI

from shuttle.jobs import JobScheduler
from shuttle.services.app_context import AppContext
from shuttle.services.operation.installation import open_app_context
from shuttle.settings import Settings, read_settings
from shuttle.web.app import create_app
from shuttle.web.server import request_log

PR_SET_PDEATHSIG = 1
"""prctl(2): the signal that a process gets when its parent is gone."""

SWITCH_SECONDS = 0.0002
"""How long a thread that computes keeps the interpreter from the event loop: a twenty-fifth of what Python does by itself, because
an answer takes some turns, and each of them may have to wait for as long."""


def create() -> FastAPI:
    """Called in each worker. The database was prepared before any worker began."""
    settings = read_settings()
    request_log.begin(settings.log_level, settings.log_format == "json")
    context = open_app_context(settings.database, settings.zone)
    app = create_app(context, settings, make_clock(context, settings))
    sys.setswitchinterval(SWITCH_SECONDS)
    return app


def make_clock(context: AppContext, settings: Settings) -> JobScheduler:
    """The clock that this process may hold."""
    return JobScheduler(context, settings)


ORPHAN_SECONDS = 8.0
"""How long a worker may go on with what is in flight when the process that started it is gone."""


def create_in_worker() -> FastAPI:
    """As `create`, in a process of its own that ends with the one that started it, even if that is killed."""
    threading.Thread(target=_end_with, args=(os.getppid(),), name="orphan", daemon=True).start()
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
    return create()


def _end_with(parent: int) -> None:
    """Who would end a worker that does not end by itself is the parent: without one it has to see to that."""
    while os.getppid() == parent:
        time.sleep(0.5)
    time.sleep(ORPHAN_SECONDS)
    os._exit(1)
