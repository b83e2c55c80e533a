"""The rapor over HTTP: the same services as the pages. The mark grid reads and saves through here.

What can change carries its version, in the body and as `ETag`. A write names the version it saw in `If-Match`: without
it 428, with an older one 412 and what is there now. `Idempotency-Key` makes a retry harmless. Whoever may not see a
thing gets 404, as if it were not there; what is locked by the state of the rapor answers 423 with the reason.

This page is the door of the package: `router` with every operation on it.
"""

from mutu.rapor.api import kartu, nilai
from mutu.rapor.api.schemas import Tersimpan
from mutu.rapor.api.shared import router

__all__ = ["Tersimpan", "kartu", "nilai", "router"]
