"""The calculators as pages: a form, the result with its steps, and an address that reproduces it. No account needed."""

import json
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from mutu.regulation import registry
from mutu.regulation.explain import InputError
from mutu.satuan.access import public
from mutu.web import schema_form
from mutu.web.templatetags.mutu import angka

FRAME = ("langkah", "peringatan", "aturan")


@public
def index(request: HttpRequest) -> HttpResponse:
    """Every calculator, by subject."""
    subjects: dict[str, list[registry.Kalkulator]] = {}
    for name in registry.names():
        subjects.setdefault(name.partition(".")[0], []).append(registry.describe(name))
    return render(request, "web/kalkulator_daftar.html", {"kelompok": subjects.items()})


@public
def page(request: HttpRequest, nama: str) -> HttpResponse:
    """One calculator. The input travels in the query string; without one the calculator's own example is shown."""
    try:
        calculator = registry.describe(nama)
    except InputError as error:
        raise Http404 from error
    schema = registry.schema(nama)
    more = request.GET.get(schema_form.MORE, "")
    typed = {key: request.GET[key] for key in request.GET if not key.startswith("_")}
    is_example = not typed
    texts: dict[str, str] = typed or schema_form.example_query(calculator.contoh)
    form = schema_form.build(schema, texts, more=more)
    today = timezone.localdate()
    result: dict[str, Any] | None = None
    summary: list[tuple[str, str]] = []
    if not more:
        try:
            if form.faults:
                raise InputError(form.faults)
            result = registry.run(nama, form.payload, today)
        except InputError as error:
            summary = form.place(error.galat)
    context = {
        "kalkulator": calculator,
        "form": form,
        "galat": summary,
        "contoh": is_example,
        "jejak": [(_("Kalkulator"), reverse("kalkulator")), (_(calculator.judul), "")],
        "alamat_api": reverse("api-1:hitung", args=[nama]),
    }
    if result is not None:
        # Without a date the rule set follows today: the link names it, so that it gives the same figure next year.
        pinned = {} if {"tanggal", "aturan"} & set(form.payload) else {"tanggal": today.isoformat()}
        context |= {
            "hasil": _facts(result),
            "langkah": result["langkah"],
            "peringatan": result["peringatan"],
            "aturan": result["aturan"],
            "tautan": f"{reverse('kalkulator-satu', args=[nama])}?{form.query(**pinned)}",
            "masukan_json": json.dumps(form.payload, ensure_ascii=False, indent=2),
        }
    return render(request, "web/kalkulator.html", context, status=422 if summary else 200)


def _facts(result: dict[str, Any]) -> dict[str, Any]:
    """The result's own fields: `utama` stands large, `angka` are single values, `lain` are lists and tables.

    Where a result has no single value, its first plain list stands large: `126; 88`.
    """
    own = {key: value for key, value in result.items() if key not in FRAME}
    single = [(key.replace("_", " "), value) for key, value in own.items() if not isinstance(value, (list, dict))]
    other = []
    if not single:
        key, first = next(((k, v) for k, v in own.items() if isinstance(v, list) and v), ("", []))
        if first and not any(isinstance(one, (list, dict)) for one in first):
            single = [(key.replace("_", " "), "; ".join(angka(one) for one in first))]
            own.pop(key)
    for key, value in own.items():
        if isinstance(value, list) and value and all(isinstance(row, dict) for row in value):
            columns = list(dict.fromkeys(name for row in value for name in row))
            rows = [[_cell(row.get(name)) for name in columns] for row in value]
            other.append((key.replace("_", " "), columns, rows))
        elif isinstance(value, list):
            other.append((key.replace("_", " "), [], [[_cell(one)] for one in value]))
        elif isinstance(value, dict) and value and all(isinstance(row, dict) for row in value.values()):
            columns = list(dict.fromkeys(name for row in value.values() for name in row))
            rows = [[name, *(_cell(row.get(column)) for column in columns)] for name, row in value.items()]
            other.append((key.replace("_", " "), ["", *columns], rows))
        elif isinstance(value, dict):
            other.append((key.replace("_", " "), [], [[name, _cell(one)] for name, one in value.items()]))
    return {"utama": single[:1], "angka": single[1:], "lain": other}


def _cell(value: Any) -> Any:
    return json.dumps(value, ensure_ascii=False) if isinstance(value, (list, dict)) else value
