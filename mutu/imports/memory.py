"""Holding hundreds of thousands of rows without paying for it twice."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def without_collection() -> Iterator[None]:
    """Pause Python's search for reference cycles while rows are made, and spare those rows the search afterwards.

    Millions of new tuples set the search off over and over, and none of them is ever part of a cycle; one search over
    all of them when the pause ends costs a fifth of an import. They still go when nothing refers to them any more.
    """
    running = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if running:
            gc.freeze()
            gc.enable()
