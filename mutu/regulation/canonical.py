"""The one spelling of a content that is hashed or signed, so that the same facts always give the same bytes."""

import hashlib
import json
from collections.abc import Mapping
from typing import Any


def canonical(content: Any) -> str:
    """The one spelling of this content: JSON with sorted keys, no spaces, plain UTF-8.

    Raises TypeError for anything but text, whole numbers, true, false, null, lists and objects with text keys: a
    binary fraction has no one spelling.
    """
    _check(content)
    return json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def digest(text: str) -> str:
    """SHA-256 of a canonical text, hex."""
    return hashlib.sha256(text.encode()).hexdigest()


def _check(content: Any) -> None:
    if content is None or isinstance(content, (str, bool, int)):
        return
    if isinstance(content, Mapping):
        for name, value in content.items():
            if not isinstance(name, str):
                raise TypeError(f"key {name!r} is no text")
            _check(value)
    elif isinstance(content, (list, tuple)):
        for value in content:
            _check(value)
    else:
        raise TypeError(f"{type(content).__name__} has no canonical spelling")
