"""A request that comes twice has one effect: the answer to a key is kept and given again."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from typing import Any

from django.utils.translation import gettext as _

from mutu.regulation.explain import InputError
from mutu.satuan.models import Akun, KunciIdempoten


def once(*, by: Akun, key: str | None, content: Any, do: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    """The answer of `do()`, or the one kept for this key; to be called inside the transaction that writes.

    `content` is what is asked for, as JSON can hold it. The caller has locked the row that it is about, so that the
    same request twice at once waits here. Raises InputError at `kunci` when the key came with something else before.
    """
    if not key:
        return do()
    fingerprint = hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()
    stored = KunciIdempoten.objects.filter(akun=by, kunci=key).first()
    if stored is None:
        answer = do()
        KunciIdempoten.objects.create(akun=by, kunci=key, sidik=fingerprint, jawaban=answer)
        return answer
    if stored.sidik != fingerprint:
        raise InputError.at("kunci", _("Kunci ini sudah dipakai untuk isian lain; buat kunci baru."))
    return dict(stored.jawaban)
