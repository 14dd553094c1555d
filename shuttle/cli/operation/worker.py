"""Entry point of a web worker process: settings, AppContext and application."""

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
"""prctl(2): sets the signal that a process gets when its parent ends."""

SWITCH_SECONDS = 0.0002
"""Longest time that a computing thread holds the interpreter lock while the event loop waits; Python's default is 25 times as long.
A response takes several turns of the event loop, and each may wait that long."""


def create() -> FastAPI:
    """The application of this process. The database was prepared before any worker started."""
    settings = read_settings()
    request_log.begin(settings.log_level, settings.log_format == "json")
    context = open_app_context(settings.database, settings.zone)
    app = create_app(context, settings, make_scheduler(context, settings))
    sys.setswitchinterval(SWITCH_SECONDS)
    return app


def make_scheduler(context: AppContext, settings: Settings) -> JobScheduler:
    """The scheduler of this process; it runs jobs only while the process holds the lease."""
    return JobScheduler(context, settings)


ORPHAN_SECONDS = 8.0
"""How long a worker may finish its requests after its parent process has ended."""


def create_in_worker() -> FastAPI:
    """As `create`, in a process that ends with its parent, even where the parent is killed."""
    threading.Thread(target=_end_with, args=(os.getppid(),), name="orphan", daemon=True).start()
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
    return create()


def _end_with(parent: int) -> None:
    """End this process after its parent has ended: no other process would kill a worker that hangs."""
    while os.getppid() == parent:
        time.sleep(0.5)
    time.sleep(ORPHAN_SECONDS)
    os._exit(1)
