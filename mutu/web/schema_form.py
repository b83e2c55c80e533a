"""A plain HTML form from the JSON Schema of a calculator, read back from a query string. Knows no calculator.

Each control is named by its path (`bobot.cara`, `sk[0].nilai`), which is also how a fault names its place, so an error
finds its control without a table in between. A list of numbers is one text field; a list of objects is rows.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from mutu.regulation import registry
from mutu.regulation.explain import InputError

EMPTY_ROWS = 2
MORE_ROWS = 5
MAX_ROWS = 200
COMMON = ("tanggal", "aturan")
MORE = "_tambah"
_DECIMAL_COMMA = re.compile(r"-?[0-9]+,[0-9]+")
_HELP_OF_LIST = gettext_lazy("Pisahkan dengan koma dan spasi (60, 75, 65) atau titik koma (60; 75,5).")
_HELP_OF_JSON = gettext_lazy("Tulis sebagai JSON.")


@dataclass
class Node:
    """One control or group of controls. `kind`: angka, teks, tanggal, pilihan, logis, daftar, json, kelompok, baris."""

    kind: str
    name: str
    label: str
    help: str = ""
    required: bool = True
    choices: list[str] = field(default_factory=list)
    text: str = ""
    children: list[Node] = field(default_factory=list)
    rows: list[list[Node]] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)

    @property
    def id(self) -> str:
        """The control's id in the page."""
        return "f-" + re.sub(r"[^\w]+", "-", self.name).strip("-")

    @property
    def is_group(self) -> bool:
        return self.kind in ("kelompok", "baris")

    @property
    def described_by(self) -> str:
        """The ids of help and error, for aria-describedby."""
        return " ".join(
            [f"{self.id}-bantuan"] * bool(self.help and not self.is_group) + [f"{self.id}-galat"] * bool(self.errors)
        )

    @property
    def has_errors(self) -> bool:
        """Whether this node or anything in it is wrong."""
        inner = [*self.children, *(node for row in self.rows for node in row)]
        return bool(self.errors) or any(node.has_errors for node in inner)

    @property
    def is_filled(self) -> bool:
        """Whether this node or anything in it has a value."""
        inner = [*self.children, *(node for row in self.rows for node in row)]
        return bool(self.text) or any(node.is_filled for node in inner)


@dataclass
class SchemaForm:
    """The controls, the input they make, and the faults found while reading them."""

    nodes: list[Node]
    payload: dict[str, Any]
    faults: list[dict[str, str]]
    unknown: list[str] = field(default_factory=list)

    @property
    def main(self) -> list[Node]:
        """What a person must fill in, and single optional values."""
        return [node for node in self.nodes if not self._is_extra(node)]

    @property
    def extra(self) -> list[Node]:
        """Optional groups and the choice of rule set: folded away until used."""
        return [node for node in self.nodes if self._is_extra(node)]

    @property
    def extra_open(self) -> bool:
        return any(node.has_errors or node.is_filled for node in self.extra)

    @staticmethod
    def _is_extra(node: Node) -> bool:
        return node.name in COMMON or (node.is_group and not node.required)

    def place(self, faults: list[dict[str, str]]) -> list[tuple[str, str]]:
        """Put each fault beside its control; gives (id of the control, sentence) for the summary."""
        flat = {node.name: node for node in _walk(self.nodes)}
        summary = []
        for fault in faults:
            node = _nearest(flat, fault["jalur"])
            if node is None:
                summary.append(("", f"{fault['jalur']}: {fault['pesan']}" if fault["jalur"] else fault["pesan"]))
                continue
            position = re.match(r"\[(\d+)\]", fault["jalur"][len(node.name) :])
            sentence = fault["pesan"]
            if position and node.kind == "daftar":
                sentence = _("nilai ke-{urutan}: {pesan}").format(urutan=int(position[1]) + 1, pesan=sentence)
            node.errors.append(sentence)
            summary.append((node.id, f"{node.label}: {sentence}"))
        return summary

    def query(self, **extra: str) -> str:
        """The query string that reproduces this input, empty controls left out."""
        pairs = [(node.name, node.text) for node in _walk(self.nodes) if node.text and not node.is_group]
        return urlencode(pairs + [(key, value) for key, value in extra.items() if value])


def _walk(nodes: list[Node]) -> list[Node]:
    found = []
    for node in nodes:
        found += [node, *_walk(node.children)]
        for row in node.rows:
            found += _walk(row)
    return found


def _nearest(flat: Mapping[str, Node], path: str) -> Node | None:
    while path:
        if path in flat:
            return flat[path]
        path = re.sub(r"(\.[^.\[\]]+|\[[^\]]*\]|^[^.\[\]]+)$", "", path)
    return None


def build(schema: Mapping[str, Any], query: Mapping[str, str], *, more: str = "") -> SchemaForm:
    """Make the form of `schema`, filled from `query`; `more` names a list of objects that gets more empty rows."""
    reader = _Reader(schema.get("$defs", {}), query, more)
    payload = {}
    nodes = []
    required = schema.get("required", [])
    properties = schema.get("properties", {})
    for name in sorted(properties, key=lambda name: name in COMMON):
        node, value = reader.read(name, properties[name], required=name in required)
        nodes.append(node)
        if value is not None:
            payload[name] = value
    # A shared link often carries a stranger's parameter (fbclid, utm_source): said, but no reason to refuse.
    unknown = [name for name in query if name not in reader.used]
    return SchemaForm(nodes, payload, reader.faults, unknown)


def example_query(example: Mapping[str, Any], prefix: str = "") -> dict[str, str]:
    """An example input as the texts that a person would have typed."""
    texts: dict[str, str] = {}
    for key, value in example.items():
        name = f"{prefix}{key}"
        if isinstance(value, Mapping) and not _is_open_map(value):
            texts |= example_query(value, f"{name}.")
        elif isinstance(value, list) and value and all(isinstance(item, Mapping) for item in value):
            for position, item in enumerate(value):
                texts |= example_query(item, f"{name}[{position}].")
        elif isinstance(value, list) and not any(isinstance(item, (list, Mapping)) for item in value):
            texts[name] = "; ".join(_typed(item) for item in value)
        elif isinstance(value, (list, Mapping)):
            texts[name] = json.dumps(value, ensure_ascii=False)
        elif value is not None:
            texts[name] = _typed(value)
    return texts


def _is_open_map(value: Mapping[str, Any]) -> bool:
    return any(isinstance(item, list) for item in value.values())


def _typed(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value).replace(".", ",") if isinstance(value, float) else str(value)


class _Reader:
    def __init__(self, definitions: Mapping[str, Any], query: Mapping[str, str], more: str) -> None:
        self.definitions = definitions
        self.query = query
        self.more = more
        self.faults: list[dict[str, str]] = []
        self.used: set[str] = set()

    def text_of(self, name: str) -> str:
        """What was typed into the control of that name."""
        self.used.add(name)
        return self.query.get(name, "").strip()

    def resolve(self, schema: Mapping[str, Any]) -> dict[str, Any]:
        """The schema itself: references followed, `or null` dropped, titles of the outer layer kept."""
        outer = {key: value for key, value in schema.items() if key in ("title", "description")}
        inner = dict(schema)
        while True:
            if "$ref" in inner:
                inner = dict(self.definitions[inner["$ref"].rpartition("/")[2]])
                continue
            options = [option for option in inner.get("anyOf", []) if option.get("type") != "null"]
            if len(options) == 1:
                inner = {**{key: inner[key] for key in inner if key != "anyOf"}, **options[0]}
                continue
            # A number may also come as a decimal string; for a person both are one number field.
            flat = [option for option in options if option.get("type") in ("number", "integer")]
            nested = [option for option in options if "anyOf" in option or "$ref" in option]
            if flat:
                inner = {**flat[0], **{key: inner[key] for key in inner if key != "anyOf"}}
            elif nested and "type" not in inner:
                inner = {**{key: inner[key] for key in inner if key != "anyOf"}, **nested[0]}
                continue
            return inner | outer

    def read(self, name: str, schema: Mapping[str, Any], *, required: bool) -> tuple[Node, Any]:
        """The control of one part of the input, and its value: None where nothing was filled in."""
        shape = self.resolve(schema)
        last = re.split(r"[.\]]", name)[-1] or name
        label = str(shape.get("title") or last.replace("_", " ").capitalize())
        # Collected for translation by `bahasa.calculator_texts`; gettext answers an empty text with its own header.
        help_text = _(str(shape["description"])) if shape.get("description") else ""
        node = Node("teks", name, _(label), help_text, required)
        kind = shape.get("type")
        if kind == "object" and "properties" in shape:
            return self._group(node, shape)
        if kind == "array":
            item = self.resolve(shape.get("items", {}))
            if item.get("type") == "object" and "properties" in item:
                return self._rows(node, item)
            if item.get("type") in ("number", "integer", "string"):
                return self._list(node, numbers=item["type"] != "string")
        if kind in ("array", "object"):
            return self._json(node)
        node.text = self.text_of(name)
        if "enum" in shape or "const" in shape:
            node.kind, node.choices = "pilihan", [str(choice) for choice in shape.get("enum", [shape.get("const")])]
        elif kind == "boolean":
            node.kind, node.choices = "logis", ["true", "false"]
            return node, {"true": True, "false": False}.get(node.text, node.text or None)
        elif kind in ("number", "integer"):
            node.kind = "angka"
            return node, _number(node.text) if node.text else None
        elif shape.get("format") == "date":
            node.kind = "tanggal"
        return node, node.text or None

    def _group(self, node: Node, shape: Mapping[str, Any]) -> tuple[Node, Any]:
        node.kind = "kelompok"
        value = {}
        for key, part in shape["properties"].items():
            child, inner = self.read(f"{node.name}.{key}", part, required=key in shape.get("required", []))
            node.children.append(child)
            if inner is not None:
                value[key] = inner
        return node, value if value or node.required else None

    def _rows(self, node: Node, item: Mapping[str, Any]) -> tuple[Node, Any]:
        node.kind = "baris"
        start = re.compile(re.escape(node.name) + r"\[(\d{1,9})\]\.(.+)")
        filled: dict[int, dict[str, str]] = {}
        for key, text in self.query.items():
            match = start.fullmatch(key)
            if match and re.split(r"[.\[]", match[2])[0] in item["properties"]:
                self.used.add(key)
            if match and text.strip():
                filled.setdefault(int(match[1]), {})[match[2]] = text
        # Rows left empty in between close up, so that positions in the page and in the input agree.
        texts = {
            f"{node.name}[{position}].{key}": text
            for position, (_old, row) in enumerate(sorted(filled.items())[:MAX_ROWS])
            for key, text in row.items()
        }
        if len(filled) > MAX_ROWS:
            message = _("Halaman ini memuat paling banyak {jumlah} baris; pakai API untuk yang lebih panjang.")
            self.faults.append({"jalur": node.name, "pesan": message.format(jumlah=MAX_ROWS)})
        inner = _Reader(self.definitions, texts, self.more)
        count = min(len(filled), MAX_ROWS)
        values = []
        for position in range(count + (MORE_ROWS if self.more == node.name else EMPTY_ROWS)):
            row, value = [], {}
            for key, part in item["properties"].items():
                required = key in item.get("required", [])
                child, one = inner.read(f"{node.name}[{position}].{key}", part, required=required)
                row.append(child)
                if one is not None:
                    value[key] = one
            node.rows.append(row)
            if position < count:
                values.append(value)
        self.faults += inner.faults
        return node, values or None

    def _list(self, node: Node, *, numbers: bool) -> tuple[Node, Any]:
        node.kind = "daftar"
        node.text = self.text_of(node.name)
        node.help = f"{node.help} {_HELP_OF_LIST}".strip() if numbers else node.help
        if not node.text:
            return node, None
        if not numbers:
            return node, [part.strip() for part in re.split(r"[;\n]", node.text) if part.strip()]
        parts = split_numbers(node.text)
        if parts is None:
            message = _("“{teks}” bisa berarti satu angka atau dua; pisahkan nilai dengan titik koma.")
            self.faults.append({"jalur": node.name, "pesan": message.format(teks=node.text[:40])})
            return node, None
        return node, [_number(part) for part in parts]

    def _json(self, node: Node) -> tuple[Node, Any]:
        node.kind = "json"
        node.text = self.text_of(node.name)
        node.help = f"{node.help} {_HELP_OF_JSON}".strip()
        if not node.text:
            return node, None
        try:
            return node, registry.load_json(node.text)
        except InputError as error:
            self.faults += [{"jalur": node.name, "pesan": one["pesan"]} for one in error.galat]
            return node, None


def _number(text: str) -> str:
    """A decimal comma becomes the point that the calculators read; anything else goes on as it was typed."""
    return text.replace(",", ".") if _DECIMAL_COMMA.fullmatch(text) else text


def split_numbers(text: str) -> list[str] | None:
    """The numbers of a typed list; None where a comma could be a decimal sign as well as a separator.

    Between numbers stand semicolons, line ends, or commas and spaces. `60, 75,5` is 60 and 75,5; `60,75,65` is three
    numbers; `60,75` alone is unclear.
    """
    if re.search(r"[;\n\t]", text):
        parts = re.split(r"[;\n\t]", text)
    elif re.search(r"\s", text):
        parts = re.split(r",\s+|\s+", text)
    elif text.count(",") == 1 and _DECIMAL_COMMA.fullmatch(text):
        return None
    else:
        parts = text.split(",")
    return [part.strip() for part in parts if part.strip()]
