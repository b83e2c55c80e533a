"""What every page needs: demo mode, roles for the menu, unread jobs."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest

from mutu.satuan.access import roles_of


def shell(request: HttpRequest) -> dict[str, Any]:
    """Context of the page frame. Costs one query for a signed-in visitor, which the access checks share."""
    user = getattr(request, "user", None)
    return {"demo": settings.DEMO, "peran": roles_of(user).schools if user is not None else {}}
