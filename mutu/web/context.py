"""What every page needs: demo mode, roles for the menu, the school's name."""

from typing import Any

from django.conf import settings
from django.core.cache import cache
from django.http import HttpRequest

from mutu.kinerja.models import PenilaianKinerja
from mutu.satuan.access import Roles, roles_of, visible_to
from mutu.satuan.models import Sekolah

NAME_KEPT_SECONDS = 300


def shell(request: HttpRequest) -> dict[str, Any]:
    """Context of the page frame. Costs one query for a signed-in visitor, which the access checks share."""
    user = getattr(request, "user", None)
    roles = roles_of(user) if user is not None else Roles({})

    def assesses() -> bool:
        # A supervisor may hold no role at all; the menu asks this for those alone.
        return user is not None and not roles.schools and visible_to(user, "nilai", PenilaianKinerja).exists()

    return {
        "demo": settings.DEMO,
        "peran": roles.schools,
        "nama_sekolah": _school_name(roles),
        "penilai": assesses,
    }


def _school_name(roles: Roles) -> str:
    """The name of the one school that all roles are held in; empty for none or several. Kept for minutes."""
    schools = frozenset().union(*roles.schools.values())
    if len(schools) != 1:
        return ""
    (pk,) = schools
    key = f"nama-sekolah-{pk}"
    name: str | None = cache.get(key)
    if name is None:
        name = Sekolah.objects.filter(pk=pk).values_list("nama", flat=True).first() or ""
        cache.set(key, name, NAME_KEPT_SECONDS)
    return name
