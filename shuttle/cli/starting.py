"""A start without what others would look for in vain: what is read at the start stays for as long as the process.

Python looks through everything that lives each time some hundreds of things were made. While a thousand modules are read that
is a quarter of the time, for nothing. Pydantic asks every installed package whether it extends Pydantic, and FastAPI reads the
whole of Pydantic 1 to refuse its models: there are none of either.
"""

import gc
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager

PYDANTIC_1 = "pydantic.v1"


@contextmanager
def starting() -> Iterator[None]:
    """What was made by the end is never looked through again: that would stop everybody for 80 ms."""
    os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")
    sys.modules.setdefault(PYDANTIC_1, None)  # type: ignore[arg-type]  # "there is none": docs.python.org, sys.modules
    gc.disable()
    try:
        yield
    finally:
        if sys.modules[PYDANTIC_1] is None:
            del sys.modules[PYDANTIC_1]
        gc.freeze()
        gc.enable()
