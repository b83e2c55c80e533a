"""What all operations share: the router, versions as entity tags, and the headers of a conditional request."""

import hashlib
import json
import re
from typing import Annotated, Any

from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop as _noop
from ninja import Header, Router
from ninja.errors import HttpError
from ninja.security import django_auth

from mutu.rapor.api.schemas import Galat

router = Router(auth=django_auth, tags=["rapor"])

IfMatch = Annotated[
    str | None,
    Header(None, alias="If-Match", description=_noop('Versi yang dilihat penulis, dari ETag atau `versi`: `"3"`.')),
]
IfNoneMatch = Annotated[
    str | None, Header(None, alias="If-None-Match", description=_noop("ETag yang sudah ada; bila masih sama, 304."))
]
IdempotencyKey = Annotated[
    str | None,
    Header(
        None,
        alias="Idempotency-Key",
        min_length=8,
        max_length=80,
        description=_noop("Kunci permintaan: diulang dengan isi yang sama, jawabannya sama dan tidak ada efek kedua."),
    ),
]
ForAccount = Annotated[
    str | None,
    Header(
        None,
        alias="X-Mutu-Akun",
        description=_noop("Nomor akun yang mengetik isian; ditolak bila yang sedang masuk akun lain."),
    ),
]
REFUSALS = {401: Galat, 403: Galat, 404: Galat, 422: Galat}
WRITE_REFUSALS = {400: Galat} | REFUSALS
_TAG = re.compile(r'(?:W/)?"([0-9]{1,10})"')


def etag(version: int | str) -> str:
    """A version as an entity tag."""
    return f'"{version}"'


def digest(content: Any) -> str:
    """The entity tag of something without a version of its own: it changes with what is shown."""
    text = json.dumps(content, sort_keys=True, ensure_ascii=False, default=str)
    return etag(hashlib.sha256(text.encode()).hexdigest()[:32])


def unchanged(tag: str, if_none_match: str | None) -> bool:
    """Whether the reader has this version already. Compression on the way makes a tag weak."""
    return tag in {one.strip().removeprefix("W/") for one in (if_none_match or "").split(",")}


def seen_version(if_match: str | None) -> int:
    """The version that a writer names; -1, which nothing has, for anything else. Raises HttpError 428 without one.

    `*` names none: it would write over a value that nobody has looked at. A weak tag counts as its number: compression
    on the way weakens it, and it stands for the stored value, not for the bytes.
    """
    if if_match is None or if_match.strip() == "*":
        raise HttpError(428, _("Sebutkan versi yang Anda lihat dalam If-Match; bacalah dahulu nilainya."))
    found = _TAG.fullmatch(if_match.strip())
    return int(found[1]) if found else -1


def for_account(request: HttpRequest, claimed: str | None) -> None:
    """Raises HttpError 403 when this was typed by another account than the one that is signed in now."""
    if claimed is not None and claimed != str(request.user.pk):
        raise HttpError(403, _("Isian ini diketik akun lain; masuklah dengan akun itu untuk mengirimnya."))


def conditional(operation: str, *, written: bool = False) -> dict[str, Any]:
    """The OpenAPI lines for the tag that an answer carries."""
    header = {"ETag": {"description": operation, "schema": {"type": "string"}}}
    return {"responses": {code: {"headers": header} for code in ((200, 412) if written else (200,))}}
