"""What waits for a person: each subject registers what it can ask of which role, and the home page collects it.

Beside the roles stands `penilai`: who assesses a teacher may hold no role anywhere (see `access.RELATIONS`).
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext_lazy as _

from mutu.satuan.access import roles_of
from mutu.satuan.models import Akun, Peran


@dataclass(frozen=True, slots=True)
class Line:
    """One thing to do: a sentence, the address of the exact place, how many, and until when (both may be unknown)."""

    text: str
    url: str
    count: int | None = None
    due: date | None = None
    detail: str = ""


PENILAI = ("penilai", _("Penilai"))
Provider = Callable[[Akun], Iterable[Line]]
_providers: dict[str, list[Provider]] = {}


def waiting_for(*roles: str) -> Callable[[Provider], Provider]:
    """Register a function that lists what waits for an account in each of these roles (`Peran.Jenis`, `penilai`)."""
    unknown = set(roles) - set(Peran.Jenis.values) - {PENILAI[0]}
    if unknown:
        raise ValueError(f"no such role: {', '.join(sorted(unknown))}")

    def register(provider: Provider) -> Provider:
        for role in roles:
            _providers.setdefault(role, []).append(provider)
        return provider

    return register


def waiting(akun: Akun) -> list[tuple[str, list[Line]]]:
    """What waits for this account now: (name of the role, lines with the earliest date first), roles in fixed order."""
    held = roles_of(akun)
    found: list[tuple[str, list[Line]]] = []
    for role, label in (*Peran.Jenis.choices, PENILAI):
        if role not in held and role != PENILAI[0]:
            continue
        lines = [line for provider in _providers.get(role, []) for line in provider(akun)]
        lines.sort(key=lambda line: (line.due is None, line.due or date.max))
        if lines:
            found.append((str(label), lines))
    return found
