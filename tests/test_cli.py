"""The command line as a person runs it: in a process of its own, on an empty folder."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path
from typing import Any

import pytest

MUTU = [sys.executable, "-m", "mutu.cli"]


def environment(folder: Path) -> dict[str, str]:
    """A fresh installation: its own data folder, no DATABASE_URL, no demo."""
    hidden = {"DATABASE_URL", "MUTU_DEMO", "DJANGO_SETTINGS_MODULE", "MUTU_SECRET_KEY"}
    return {key: value for key, value in os.environ.items() if key not in hidden} | {"MUTU_DATA": str(folder)}


def mutu(folder: Path, *arguments: str, text: str = "") -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*MUTU, *arguments], input=text, capture_output=True, text=True, env=environment(folder), timeout=120
    )


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


EXAMPLE = {
    "bobot": {"cara": "rasio", "uh": 2, "uts": 1, "uas": 1},
    "uh": [60, 75, 65],
    "uts": 55,
    "uas": 65,
    "kkm": 65,
}


def test_hitung_answers_without_a_database(tmp_path: Path) -> None:
    answer = mutu(tmp_path, "hitung", "rapor.nilai", text=json.dumps(EXAMPLE))
    assert answer.returncode == 0
    result = json.loads(answer.stdout)
    assert (result["nilai"], result["huruf"], result["status"]) == (63, "enam puluh tiga", "belum tercapai")
    assert result["tuntas"] is False
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ('{"nilai": 101}', "nilai"),
        ('{"nilai": -1}', "nilai"),
        ('{"nilai": "delapan"}', "nilai"),
        ('{"nilai": NaN}', ""),
        ('{"nilai": 1e400}', "nilai"),
        ('{"nilai": "７５"}', "nilai"),
        ('{"nilai": true}', "nilai"),
        ('{"nilai": 75, "lain": 1}', "lain"),
        ("{", ""),
    ],
)
def test_hitung_refuses_with_exit_2_and_a_path(tmp_path: Path, text: str, path: str) -> None:
    answer = mutu(tmp_path, "hitung", "rapor.huruf", text=text)
    assert answer.returncode == 2
    faults = json.loads(answer.stdout)["galat"]
    assert faults[0]["jalur"] == path
    assert faults[0]["pesan"]
    assert "Traceback" not in answer.stderr + answer.stdout


def test_doctor_is_content_with_a_new_installation(tmp_path: Path) -> None:
    answer = mutu(tmp_path, "doctor")
    assert answer.returncode == 0, answer.stdout + answer.stderr
    assert "BENAHI" not in answer.stdout
    assert "baris utuh" in answer.stdout


def test_doctor_finds_a_changed_ledger(tmp_path: Path) -> None:
    import sqlite3

    assert mutu(tmp_path, "operator", "rina", "--nama", "Rina Uji").returncode == 0
    assert mutu(tmp_path, "doctor").returncode == 0
    base = sqlite3.connect(tmp_path / "mutu.sqlite3")
    triggers = base.execute("SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name LIKE '%entriledger'")
    for (name,) in triggers.fetchall():
        base.execute(f'DROP TRIGGER "{name}"')
    base.execute("UPDATE satuan_entriledger SET pelaku = 'akun:7' WHERE id = 1")
    base.commit()
    base.close()
    answer = mutu(tmp_path, "doctor")
    assert answer.returncode == 1
    assert "rusak pada baris 1" in answer.stdout


def test_an_operator_gets_a_password_once_and_a_clear_word_the_second_time(tmp_path: Path) -> None:
    first = mutu(tmp_path, "operator", "rina", "--nama", "Rina Uji")
    assert first.returncode == 0
    assert re.search(r"\): (\S+)$", first.stdout.strip())
    second = mutu(tmp_path, "operator", "rina", "--nama", "Rina Uji")
    assert second.returncode == 1
    assert "Traceback" not in second.stderr
    assert "rina" not in second.stdout


def _wait_for(url: str, process: subprocess.Popen[Any], seconds: float = 60) -> str:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        assert process.poll() is None, "the server ended"
        try:
            with urllib.request.urlopen(url, timeout=2) as answer:
                return str(answer.read().decode())
        except OSError:
            time.sleep(0.2)
    raise AssertionError(f"no answer from {url}")


@pytest.mark.lambat
def test_demo_serves_prints_its_roles_and_stops_with_its_worker(tmp_path: Path) -> None:
    port = free_port()
    process = subprocess.Popen(
        [*MUTU, "demo", "--port", str(port), "--workers", "1"],
        env=environment(tmp_path),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        page = _wait_for(f"http://127.0.0.1:{port}/akun/login/", process)
        assert "demo-guru-matematika" in page
        children = subprocess.run(
            ["ps", "-o", "pid=,args=", "--ppid", str(process.pid)], capture_output=True, text=True
        ).stdout
        workers = [int(line.split()[0]) for line in children.splitlines() if "mutu.cli worker" in line]
        assert len(workers) == 1
    finally:
        process.send_signal(signal.SIGTERM)
        output, _ = process.communicate(timeout=30)
    assert f"http://127.0.0.1:{port}/" in output
    assert "Orang tua/wali" in output
    with pytest.raises(ProcessLookupError):
        os.kill(workers[0], 0)
    again = mutu(tmp_path, "demo", "--isi-saja")
    assert again.returncode == 0, again.stderr


def test_a_port_in_use_is_said_at_once(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        answer = mutu(tmp_path, "run", "--port", str(port))
    assert answer.returncode == 1
    assert f"127.0.0.1:{port}" in answer.stderr
    assert "Traceback" not in answer.stderr


def test_demo_refuses_the_database_of_a_real_school(tmp_path: Path) -> None:
    assert mutu(tmp_path, "operator", "rina", "--nama", "Rina Uji").returncode == 0
    answer = mutu(tmp_path, "demo", "--isi-saja")
    assert answer.returncode == 1
    assert "sekolah sungguhan" in answer.stderr
