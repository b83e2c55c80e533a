"""What templates of all subjects share: icons, menu lines, figures as Indonesia writes them."""

import re
from datetime import date
from typing import Any

from django import template
from django.conf import settings
from django.urls import NoReverseMatch, reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from mutu.satuan.models import Akun, Pekerjaan
from mutu.stats.wording import comma

register = template.Library()
_DECIMAL = re.compile(r"-?[0-9]+\.[0-9]+")
_POWER = re.compile(r"-?[0-9]\.[0-9]+e[+-][0-9]+")
_ISO_DATE = re.compile(r"\b[12][0-9]{3}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12][0-9])\b")
LONG_TEXT = 24


@register.inclusion_tag("web/bagian/ikon.html")
def ikon(nama: str) -> dict[str, str]:
    """The shape of a status: baik, perhatian, galat, jalan; anything else is netral."""
    return {"nama": nama}


@register.inclusion_tag("web/bagian/menu_satu.html", takes_context=True)
def menu_item(context: template.Context, name: str, text: str) -> dict[str, str]:
    """A line of the menu to the route `name`, marked when the visitor is on it (`page`) or below it (`true`)."""
    url = reverse(name)
    path = context["request"].path if "request" in context else ""
    kini = "page" if path == url else "true" if url != "/" and path.startswith(url) else ""
    return {"url": url, "teks": text, "kini": kini}


@register.simple_tag
def url_or_nothing(name: str, *args: Any) -> str:
    """The address of a route, or nothing where this installation lacks it."""
    try:
        return reverse(name, args=args)
    except NoReverseMatch:
        return ""


@register.simple_tag
def akun_demo() -> list[Akun]:
    """The one-tap accounts of the demo school, with their roles; none outside demo mode."""
    if not settings.DEMO:
        return []
    found = Akun.objects.filter(username__startswith="demo-", is_active=True).order_by("pk")
    return list(found.prefetch_related("peran__sekolah"))


@register.filter
def angka(value: object) -> str:
    """A figure with a decimal comma (`"89.285714"` is 89,285714); words stay as they are, statistics are shortened."""
    if value is True or value is False:
        return _("ya") if value else _("tidak")
    if isinstance(value, float):
        return comma(value)
    text = "–" if value is None else str(value)
    if _POWER.fullmatch(text):
        return comma(float(text))
    return text.replace(".", ",") if _DECIMAL.fullmatch(text) else text


@register.filter
def tanggal_terbaca(value: object) -> str:
    """A sentence whose ISO dates are written as people write them: `sejak 2007-01-01` is sejak 1 Januari 2007."""
    return _ISO_DATE.sub(lambda found: date_format(date.fromisoformat(found[0]), "j F Y"), str(value))


@register.filter
def panjang(value: object) -> bool:
    """Whether a value is a sentence, which wants a line of its own."""
    return isinstance(value, str) and len(value) > LONG_TEXT


@register.filter
def sisa_bagian(pekerjaan: Pekerjaan) -> int:
    """How many parts of a job are still to be done."""
    return max(0, pekerjaan.jumlah_bagian - pekerjaan.selesai_bagian)
