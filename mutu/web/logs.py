"""Logs without personal text: an exception is written as its type and the places it passed, never with its message.

A database's refusal may quote the whole row, a form's error the name that was typed; neither belongs in a log.
"""

import logging
import traceback
from types import TracebackType


class PlacesOnly(logging.Formatter):
    """Formats a record; an exception becomes its type and the lines of code, without message and values."""

    def formatException(self, ei: tuple[type[BaseException] | None, BaseException | None, TracebackType | None]) -> str:
        kind, _error, trace = ei
        places = "".join(traceback.format_tb(trace))
        return f"{places}{kind.__name__ if kind else ''}"
