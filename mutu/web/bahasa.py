"""Keeps the English texts complete: `python -m mutu.web.bahasa --extract | --compile | --check`.

Source strings are Indonesian and stand in the code and templates of all of Mutu; their English stands in one catalogue
(locale/en/LC_MESSAGES/django.po), compiled to the .mo that Django reads. Works without GNU gettext.
"""

import argparse
import io
import re
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

from mutu.regulation import registry

ROOT = Path(__file__).resolve().parents[2]
LOCALE = Path(__file__).resolve().parent / "locale"
LANGUAGE = "en"
PO = LOCALE / LANGUAGE / "LC_MESSAGES" / "django.po"
MO = PO.with_suffix(".mo")
KEYWORDS = {
    "_": None,
    "gettext": None,
    "gettext_lazy": None,
    "gettext_noop": None,
    "_noop": None,
    "ngettext": (1, 2),
    "ngettext_lazy": (1, 2),
    "pgettext": ((1, "c"), 2),
    "pgettext_lazy": ((1, "c"), 2),
    "npgettext": ((1, "c"), 2, 3),
}
PLACEHOLDER = re.compile(r"\{\w*\}|%\(\w+\)[sd]|%[sd]")
# A date in the file would change it at every run.
LONG_AGO = datetime(2026, 1, 1, tzinfo=UTC)


def _sources() -> Iterator[tuple[Path, bytes]]:
    """Every file that may hold a text for people, templates turned into calls of gettext."""
    from django.utils.translation.template import templatize

    for path in sorted((ROOT / "mutu").rglob("*")):
        if {"tests", "migrations", "__pycache__"} & set(path.parts):
            continue
        if path.suffix == ".py":
            yield path, path.read_bytes()
        elif path.suffix in (".html", ".txt") and "templates" in path.parts:
            yield path, templatize(path.read_text(encoding="utf-8"), origin=str(path)).encode()


def collect() -> Catalog:
    """All texts in the code as it stands, without translations."""
    catalog = Catalog(locale=LANGUAGE, project="mutu", fuzzy=False, creation_date=LONG_AGO, revision_date=LONG_AGO)
    for path, source in _sources():
        for line, message, comments, context in extract("python", io.BytesIO(source), KEYWORDS, ("Penerjemah:",)):
            if message:
                place = (path.relative_to(ROOT).as_posix(), line)
                catalog.add(message, None, [place], auto_comments=comments, context=context)
    for name in registry.names():
        for text in calculator_texts(name):
            catalog.add(text, None, [(f"kalkulator {name}", 0)])
    return catalog


def calculator_texts(name: str) -> Iterator[str]:
    """What a calculator's page says in words: its title, its purpose, and the label and help of each field.

    The calculators know no Django, so they cannot mark their texts for translation themselves.
    """
    calculator = registry.describe(name)
    yield from (calculator.judul, calculator.uraian)
    schema = registry.schema(name)
    for part in (schema, *schema.get("$defs", {}).values()):
        for field in part.get("properties", {}).values():
            yield from (field[key] for key in ("title", "description") if field.get(key))


def stored() -> Catalog:
    """The catalogue as it is stored; an empty one where there is none."""
    if not PO.exists():
        return Catalog(locale=LANGUAGE, creation_date=LONG_AGO, revision_date=LONG_AGO)
    with PO.open("rb") as file:
        return read_po(file, locale=LANGUAGE)


def extract_texts() -> int:
    """Bring the catalogue up to date with the code: new texts come in empty, vanished ones go. Returns how many."""
    catalog, old = collect(), stored()
    for message in catalog:
        known = old.get(message.id, message.context) if message.id else None
        if known is not None:
            message.string, message.flags = known.string, known.flags | message.flags
    PO.parent.mkdir(parents=True, exist_ok=True)
    with PO.open("wb") as file:
        write_po(file, catalog, width=116, sort_output=True, include_lineno=False, omit_header=False)
    return len(catalog)


def compiled() -> bytes:
    """The stored catalogue as Django reads it."""
    buffer = io.BytesIO()
    write_mo(buffer, stored())
    return buffer.getvalue()


def _texts(value: object) -> list[str]:
    return [str(one) for one in value] if isinstance(value, (list, tuple)) else [str(value or "")]


def _wrong(message: Message) -> str:
    texts = _texts(message.string)
    if not all(text.strip() for text in texts):
        return "not translated"
    if message.fuzzy:
        return "fuzzy"
    wanted = set(PLACEHOLDER.findall(_texts(message.id)[-1]))
    used = [set(PLACEHOLDER.findall(text)) for text in texts]
    # A singular may leave the number out ("one day"); the last form is the plural or the only one.
    return "other placeholders" if any(one - wanted for one in used) or used[-1] != wanted else ""


def faults() -> list[str]:
    """What is wrong with the catalogue, one line each; empty when English is complete."""
    code, old = collect(), stored()
    found = [f"not in the catalogue: {m.id}" for m in code if m.id and old.get(m.id, m.context) is None]
    found += [f"no longer in the code: {m.id}" for m in old if m.id and code.get(m.id, m.context) is None]
    found += [f"{wrong}: {m.id}" for m in old if m.id and (wrong := _wrong(m))]
    if not MO.exists() or MO.read_bytes() != compiled():
        found.append("django.mo is older than django.po; run --compile")
    return found


def main(arguments: list[str] | None = None) -> int:
    """Command line; returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m mutu.web.bahasa", description=__doc__)
    group = parser.add_mutually_exclusive_group(required=True)
    group.add_argument("--extract", action="store_true", help="bring django.po up to date with the code")
    group.add_argument("--compile", action="store_true", help="write django.mo")
    group.add_argument("--check", action="store_true", help="fail on missing, fuzzy or stale texts")
    chosen = parser.parse_args(arguments)
    if chosen.extract:
        sys.stdout.write(f"{extract_texts()} texts in {PO.relative_to(ROOT)}\n")
    elif chosen.compile:
        MO.write_bytes(compiled())
    elif wrong := faults():
        sys.stdout.write("\n".join(wrong) + f"\n{len(wrong)} faults\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
