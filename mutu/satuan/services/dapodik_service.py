"""Dapodik's web service on the school's own network, asked one question after another.

Dapodik's desktop program answers on port 5774 under `/WebService/` with a bearer token that the school makes in it.
Only this computer and private networks are asked, by the address that was looked at, and no answer leads elsewhere.
The token lives in the memory of one request: it is not stored, not logged and not shown again. What a rapor does not
need is dropped here, before anything is kept.
"""

from __future__ import annotations

import csv
import http.client
import io
import ipaddress
import json
import socket
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode, urlsplit

from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from mutu.imports.columns import normal_title
from mutu.satuan.models import TahunPelajaran
from mutu.satuan.sheets import DAPODIK_LAYANAN

PORT = 5774
CALL_SECONDS = 30.0
ALL_SECONDS = 120.0
LARGEST_ANSWER = 32 * 1024 * 1024
NETWORKS = tuple(
    map(ipaddress.ip_network, ("127.0.0.0/8", "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "::1/128", "fc00::/7"))
)
CLASS_KIND = "1"
"""Dapodik's kind of a study group that is a class; others are for activities."""


@dataclass(frozen=True)
class Place:
    """Where Dapodik answers: the address that is connected to, and the name it was given by."""

    ip: str
    port: int
    host: str


@dataclass
class Fetched:
    """What the service gave, as rows of `DAPODIK_LAYANAN`, and sentences about what was left out."""

    rows: list[dict[str, str]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def as_csv(self) -> bytes:
        """The rows as the file that the import reads."""
        made = io.StringIO(newline="")
        writer = csv.DictWriter(made, DAPODIK_LAYANAN.names, restval="")
        writer.writeheader()
        writer.writerows(self.rows)
        return made.getvalue().encode()


def place_of(address: str) -> Place:
    """The place that a typed address means. Raises `ValidationError` at `alamat` for anything but this computer or a
    private network, on Dapodik's port."""
    text = address.strip()
    try:
        parts = urlsplit(text if "://" in text else f"http://{text}")
        port = parts.port or PORT
    except ValueError:
        raise _at_address(_("Alamat ini tidak dikenali. Tulis seperti http://localhost:5774.")) from None
    if parts.scheme != "http" or not parts.hostname or parts.username is not None or parts.query or parts.fragment:
        raise _at_address(_("Alamat ini tidak dikenali. Tulis seperti http://localhost:5774."))
    wanted = getattr(settings, "DAPODIK_PORT", PORT)
    if port != wanted or parts.path not in ("", "/"):
        text = _("Layanan Dapodik hanya ditanyai di porta %(porta)d. Tulis seperti http://localhost:%(porta)d.")
        raise _at_address(text % {"porta": wanted})
    try:
        found = socket.getaddrinfo(parts.hostname, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        raise _at_address(_("Komputer bernama ini tidak ditemukan di jaringan. Periksa alamatnya.")) from None
    addresses = [str(one[4][0]) for one in found]
    if not addresses or not all(map(_is_near, addresses)):
        raise _at_address(_("Alamat ini di luar jaringan sekolah. Pakailah komputer ini atau jaringan lokal saja."))
    return Place(addresses[0], port, f"{parts.hostname}:{port}")


def _is_near(address: str) -> bool:
    ip = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(ip, ipaddress.IPv6Address) and ip.ipv4_mapped:
        ip = ip.ipv4_mapped
    return any(ip.version == network.version and ip in network for network in NETWORKS)


def _at_address(text: str) -> ValidationError:
    return ValidationError({"alamat": text})


class _Service:
    """Asks the four questions. Raises `ValidationError` with a sentence that says what to do."""

    def __init__(self, place: Place, token: str, npsn: str) -> None:
        if not token or not token.isascii() or not token.isprintable() or " " in token:
            raise ValidationError({"token": _("Token ini tidak dikenali. Salin sekali lagi dari Dapodik.")})
        self.place = place
        self.token = token
        self.npsn = npsn
        self.until = time.monotonic() + ALL_SECONDS

    def ask(self, endpoint: str) -> list[dict[str, Any]]:
        """The rows of one answer."""
        status, body = self._get(endpoint)
        if status in (401, 403):
            text = _("Dapodik menolak token ini. Periksa token dan alamat IP yang didaftarkan di Dapodik.")
            raise ValidationError({"token": text})
        if 300 <= status < 400:
            raise _at_address(_("Alamat ini mengalihkan ke tempat lain; itu bukan layanan Dapodik."))
        if status != 200:
            text = _("Dapodik menjawab galat %(kode)d untuk %(apa)s. Buka Dapodik, lalu coba lagi.")
            raise _at_address(text % {"kode": status, "apa": endpoint})
        return self._rows(endpoint, body)

    def _get(self, endpoint: str) -> tuple[int, bytes]:
        until = min(self.until, time.monotonic() + CALL_SECONDS)
        path = f"/WebService/{endpoint}?{urlencode({'npsn': self.npsn})}"
        headers = {
            "Host": self.place.host, "Authorization": f"Bearer {self.token}", "Accept": "application/json",
            "Accept-Encoding": "identity", "Connection": "close",
        }  # fmt: skip
        line = http.client.HTTPConnection(self.place.ip, self.place.port, timeout=_left(until))
        try:
            line.request("GET", path, headers=headers)
            answer = line.getresponse()
            blocks, size = [], 0
            while True:
                if line.sock is not None:
                    line.sock.settimeout(_left(until))
                block = answer.read1(65536)
                if not block:
                    break
                size += len(block)
                if size > LARGEST_ANSWER:
                    raise _at_address(_("Jawaban Dapodik terlalu besar. Pakailah berkas unduhannya."))
                blocks.append(block)
            if answer.length:
                raise http.client.IncompleteRead(b"")
            return answer.status, b"".join(blocks)
        except TimeoutError:
            text = _("Dapodik tidak selesai menjawab %(apa)s. Tutup jendela Dapodik yang lain, lalu coba lagi.")
            raise _at_address(text % {"apa": endpoint}) from None
        except (OSError, http.client.HTTPException):
            text = _("Sambungan ke Dapodik gagal atau terputus saat %(apa)s. Pastikan Dapodik berjalan di alamat itu.")
            raise _at_address(text % {"apa": endpoint}) from None
        finally:
            line.close()

    def _rows(self, endpoint: str, body: bytes) -> list[dict[str, Any]]:
        strange = _at_address(
            _("Jawaban untuk %(apa)s bukan jawaban Dapodik. Periksa alamatnya, lalu coba lagi.") % {"apa": endpoint}
        )
        try:
            content = json.loads(body)
        except (ValueError, RecursionError):
            raise strange from None
        rows = content.get("rows") if isinstance(content, dict) else None
        if isinstance(rows, dict):
            rows = [rows]
        if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
            raise strange
        told = content.get("results")
        if isinstance(told, int) and not isinstance(told, bool) and told != len(rows):
            text = _("Jawaban untuk %(apa)s tidak lengkap: %(ada)d dari %(semua)d baris. Coba lagi.")
            raise _at_address(text % {"apa": endpoint, "ada": len(rows), "semua": told})
        return rows


def _left(until: float) -> float:
    left = until - time.monotonic()
    if left <= 0:
        raise TimeoutError
    return left


def fetch(*, address: str, token: str, tahun: TahunPelajaran) -> Fetched:
    """Ask Dapodik for the school's teachers, classes with their lessons, and pupils. Raises `ValidationError`."""
    npsn = tahun.sekolah.npsn
    service = _Service(place_of(address), token.strip(), npsn)
    schools = service.ask("getSekolah")
    told = {_text(row, "npsn") for row in schools}
    if told != {npsn}:
        text = _("Dapodik di alamat ini milik sekolah lain (NPSN %(npsn)s), bukan %(kita)s.")
        raise _at_address(text % {"npsn": ", ".join(sorted(told)) or "–", "kita": npsn})
    pupils = service.ask("getPesertaDidik")
    teachers = service.ask("getGtk")
    groups = service.ask("getRombonganBelajar")
    return _gather(tahun, teachers, groups, pupils)


def _text(row: Mapping[str, Any], *names: str) -> str:
    """The first of these fields that holds something, as one line."""
    for name in names:
        value = row.get(name)
        if isinstance(value, str | int) and not isinstance(value, bool) and str(value).strip():
            return " ".join(str(value).split())
    return ""


def _gather(
    tahun: TahunPelajaran,
    teachers: Sequence[Mapping[str, Any]],
    groups: Sequence[Mapping[str, Any]],
    pupils: Sequence[Mapping[str, Any]],
) -> Fetched:
    made = Fetched()
    same_person: dict[str, str] = {}
    for row in teachers:
        key = _text(row, "ptk_id", "ptk_terdaftar_id")
        same_person |= {_text(row, name): key for name in ("ptk_id", "ptk_terdaftar_id") if _text(row, name)}
        made.rows.append(
            {
                "bagian": "guru", "kunci": key, "nama": _text(row, "nama"), "nip": _text(row, "nip").replace(" ", ""),
                "nuptk": _text(row, "nuptk").replace(" ", ""), "jenis_ptk": _text(row, "jenis_ptk_id_str"),
            }
        )  # fmt: skip
    classes = _classes(tahun, groups, made)
    keys = {_text(row, "rombongan_belajar_id"): _text(row, "nama") for row in classes}
    subjects: dict[str, str] = {}
    lessons: list[dict[str, str]] = []
    seats: dict[str, str] = {}
    for row in classes:
        key, name = _text(row, "rombongan_belajar_id"), _text(row, "nama")
        made.rows.append(
            {
                "bagian": "kelas", "kunci": key, "nama": name, "tingkat": _text(row, "tingkat_pendidikan_id"),
                "kurikulum": _text(row, "kurikulum_id_str"), "guru": _text(row, "ptk_id_str"),
                "kunci_guru": same_person.get(_text(row, "ptk_id"), _text(row, "ptk_id")),
            }
        )  # fmt: skip
        for one in _inner(row, "anggota_rombel"):
            seats.setdefault(_text(one, "peserta_didik_id"), key)
        for one in _inner(row, "pembelajaran"):
            subject = _text(one, "nama_mata_pelajaran", "mata_pelajaran_id_str")
            subjects.setdefault(normal_title(subject), subject)
            person = _text(one, "ptk_id", "ptk_terdaftar_id")
            lessons.append(
                {
                    "bagian": "pembelajaran", "kunci": _text(one, "pembelajaran_id"), "nama": subject, "kelas": name,
                    "kunci_kelas": key, "guru": _text(one, "ptk_id_str"), "kunci_guru": same_person.get(person, person),
                }
            )  # fmt: skip
    made.rows.extend({"bagian": "mapel", "kunci": key[:60], "nama": name} for key, name in subjects.items() if key)
    made.rows.extend(_pupils(pupils, keys, seats))
    made.rows.extend(lessons)
    if not made.rows:
        raise _at_address(_("Dapodik tidak memberi data apa pun. Lakukan sinkronisasi di Dapodik, lalu coba lagi."))
    return made


def _classes(tahun: TahunPelajaran, groups: Sequence[Mapping[str, Any]], made: Fetched) -> list[Mapping[str, Any]]:
    """The groups that are classes, of the newest semester of that year. Raises `ValidationError` for another year."""
    terms = sorted({_text(row, "semester_id") for row in groups if _text(row, "semester_id")})
    ours = [term for term in terms if term[:4] == str(tahun.mulai)]
    if terms and not ours:
        text = _("Dapodik sedang membuka semester %(ada)s, bukan tahun pelajaran %(tahun)s. Pilih tahun yang sama.")
        raise _at_address(text % {"ada": ", ".join(terms), "tahun": tahun.label})
    term = ours[-1] if ours else ""
    current = [row for row in groups if _text(row, "semester_id") == term]
    classes = [row for row in current if _text(row, "jenis_rombel") in ("", CLASS_KIND)]
    if len(classes) < len(current):
        text = _("%(jumlah)d rombel yang bukan kelas (misalnya ekstrakurikuler) tidak diambil.")
        made.notes.append(text % {"jumlah": len(current) - len(classes)})
    return classes


def _inner(row: Mapping[str, Any], name: str) -> list[Mapping[str, Any]]:
    rows = row.get(name)
    return [one for one in rows if isinstance(one, dict)] if isinstance(rows, list) else []


def _pupils(
    pupils: Sequence[Mapping[str, Any]], classes: Mapping[str, str], seats: Mapping[str, str]
) -> list[dict[str, str]]:
    """One row for each pupil; a pupil who is listed once more for an activity counts once."""
    found: dict[str, dict[str, str]] = {}
    for number, row in enumerate(pupils):
        key = _text(row, "peserta_didik_id", "registrasi_id") or f"baris {number + 1}"
        group = _text(row, "rombongan_belajar_id")
        group = group if group in classes else seats.get(key, "")
        if key in found and not group:
            continue
        one = {
            "bagian": "peserta", "kunci": key, "nama": _text(row, "nama"), "kunci_kelas": group,
            "kelas": classes.get(group, ""), "nis": _text(row, "nipd"), "nisn": _text(row, "nisn"),
            "jenis_kelamin": _text(row, "jenis_kelamin"), "tempat_lahir": _text(row, "tempat_lahir"),
            "tanggal_lahir": _text(row, "tanggal_lahir"), "nama_ayah": _text(row, "nama_ayah"),
            "nama_ibu": _text(row, "nama_ibu", "nama_ibu_kandung"), "nama_wali": _text(row, "nama_wali"),
        }  # fmt: skip
        # The same pupil in two classes stays twice, and is then refused with both rows named.
        place = key if key not in found or not found[key]["kunci_kelas"] or found[key] == one else f"{key}/{number}"
        found[place] = one
    return list(found.values())
