"""A start without what others would look for in vain: what is read at the start stays for as long as the process.

Python looks through everything that lives each time some hundreds of things were made. While a thousand modules are read that
is a quarter of the time, for nothing. Pydantic asks every installed package whether it extends Pydantic; none of ours does.
"""

import gc
import os
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def starting() -> Iterator[None]:
    """What was made by the end is never looked through again: that would stop everybody for 80 ms."""
    os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()
