"""A small real web server on 127.0.0.1 that answers as Dapodik's web service does, well or badly. Invented people."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

TOKEN = "tokenUji123"
NPSN = "69900002"


def school() -> dict[str, Any]:
    """What a healthy service knows: two teachers and a clerk, two classes and a club, three pupils, lessons."""
    subjects = [("m1", "Matematika", "g1"), ("m2", "Ilmu Pengetahuan Alam", "g2")]
    return {
        "getSekolah": {"npsn": NPSN, "nama": "SMP Uji Dua"},
        "getGtk": [
            {"ptk_id": "g1", "ptk_terdaftar_id": "t1", "nama": "Gita Uji", "nuptk": "1234567890123456", "nip": "",
             "nik": "RAHASIA", "jenis_ptk_id_str": "Guru Mapel"},
            {"ptk_id": "g2", "ptk_terdaftar_id": "t2", "nama": "Hadi Uji", "nuptk": None, "nip": "198001012005012001",
             "nik": "RAHASIA", "jenis_ptk_id_str": "Guru Kelas"},
            {"ptk_id": "g3", "ptk_terdaftar_id": "t3", "nama": "Joni Uji", "nuptk": None, "nip": None,
             "jenis_ptk_id_str": "Tenaga Administrasi Sekolah"},
        ],
        "getRombonganBelajar": [
            {"rombongan_belajar_id": f"r{number}", "nama": name, "tingkat_pendidikan_id": "7", "semester_id": "20261",
             "jenis_rombel": 1, "jenis_rombel_str": "Kelas", "kurikulum_id": 1, "kurikulum_id_str": kurikulum,
             "ptk_id": f"g{number}", "ptk_id_str": "Gita Uji" if number == 1 else "Hadi Uji",
             "anggota_rombel": [], "pembelajaran": [
                 {"pembelajaran_id": f"p{number}{key}", "mata_pelajaran_id_str": subject, "ptk_id": teacher,
                  "ptk_id_str": ""} for key, subject, teacher in subjects]}
            for number, name, kurikulum in ((1, "VII A", "Kurikulum Merdeka"), (2, "VII B", "Kurikulum SMP 2013"))
        ] + [
            {"rombongan_belajar_id": "r9", "nama": "Pramuka", "tingkat_pendidikan_id": "7", "semester_id": "20261",
             "jenis_rombel": 51, "jenis_rombel_str": "Ekstrakurikuler", "kurikulum_id_str": "", "ptk_id": "g1",
             "anggota_rombel": [], "pembelajaran": []},
        ],
        "getPesertaDidik": [
            {"peserta_didik_id": f"s{number}", "nama": name, "nipd": f"023{number}", "nisn": f"013123456{number}",
             "jenis_kelamin": "P", "nik": "RAHASIA", "agama_id_str": "RAHASIA", "alamat_jalan": "RAHASIA",
             "tempat_lahir": "Klaten", "tanggal_lahir": "2013-05-17", "nama_ayah": f"Ayah {name}",
             "penghasilan_ayah": "RAHASIA", "semester_id": "20261", "rombongan_belajar_id": group,
             "nama_rombel": "VII A" if group == "r1" else "VII B"}
            for number, name, group in ((1, "Ayu Uji", "r1"), (2, "Bima Uji", "r1"), (3, "Cici Uji", "r2"))
        ],
    }  # fmt: skip


class Dapodik:
    """The server's state: what it knows, how it misbehaves, what it was asked, how many at once."""

    def __init__(self) -> None:
        self.data = school()
        self.fault: dict[str, str] = {}
        self.asked: list[tuple[str, str]] = []
        self.now = self.most = 0
        self.port = 0
        self.lock = threading.Lock()

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"


@contextmanager
def serving() -> Iterator[Dapodik]:
    """Run the server for the length of a test."""
    state = Dapodik()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            with state.lock:
                state.now += 1
                state.most = max(state.most, state.now)
            try:
                self.answer()
            except (BrokenPipeError, ConnectionResetError):
                pass
            finally:
                with state.lock:
                    state.now -= 1

        def answer(self) -> None:
            address = urlsplit(self.path)
            endpoint = address.path.rpartition("/")[2]
            state.asked.append((endpoint, self.path))
            fault = state.fault.get(endpoint, "")
            if self.headers["Authorization"] != f"Bearer {TOKEN}" or parse_qs(address.query)["npsn"] != [NPSN]:
                return self.reply(401, b'{"success": false, "message": "RAHASIA SERVER"}')
            rows = state.data[endpoint]
            count = len(rows) if isinstance(rows, list) else 1
            body = json.dumps({"results": count, "rows": rows}).encode()
            if fault == "lambat":
                time.sleep(2)
            if fault == "menetes":
                self.start(200, len(body))
                for at in range(len(body)):
                    self.wfile.write(body[at : at + 1])
                    self.wfile.flush()
                    time.sleep(0.05)
                return None
            if fault == "separuh":
                self.start(200, len(body))
                self.wfile.write(body[: len(body) // 2])
                self.close_connection = True
                return None
            if fault == "html":
                return self.reply(200, b"<!doctype html><title>Dapodik</title>RAHASIA SERVER", "text/html")
            if fault == "alih":
                self.send_response(302)
                self.send_header("Location", "http://127.0.0.1:1/")
                self.send_header("Content-Length", "0")
                self.end_headers()
                return None
            if fault == "galat":
                return self.reply(500, b"RAHASIA SERVER")
            if fault == "kurang":
                body = json.dumps({"results": count + 1, "rows": rows}).encode()
            if fault == "bentuk":
                body = b'{"rows": ["RAHASIA SERVER"]}'
            if fault == "dalam":
                body = b"[" * 200_000
            return self.reply(200, body)

        def start(self, status: int, length: int, kind: str = "application/json") -> None:
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(length))
            self.end_headers()

        def reply(self, status: int, body: bytes, kind: str = "application/json") -> None:
            self.start(status, len(body), kind)
            self.wfile.write(body)

        def log_message(self, format: str, *args: Any) -> None:
            """Nothing on the console of the tests."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    state.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield state
    finally:
        server.shutdown()
        server.server_close()
        thread.join(timeout=5)
