"""Canaries: a pupil's name and mark never reach a log, whatever breaks."""

import io
import logging
from typing import Any

import pytest
from django.test import Client

from mutu.satuan import jobs, ledger
from mutu.satuan.models import Pekerjaan
from mutu.web.logs import PlacesOnly
from tests.contoh import Contoh

CANARY = "Kenari Rahasia 73,19"


def capture(logger: str) -> tuple[logging.Handler, io.StringIO]:
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(PlacesOnly("%(levelname)s %(name)s %(message)s"))
    logging.getLogger(logger).addHandler(handler)
    return handler, stream


@pytest.mark.django_db
def test_an_unexpected_error_is_logged_without_its_message(contoh: Contoh, monkeypatch: Any) -> None:
    def broken(*args: Any, **kwargs: Any) -> None:
        raise ValueError(f"row refused: {CANARY}")

    monkeypatch.setattr("mutu.rapor.views.marking.marks.save_marks", broken)
    handler, stream = capture("django.request")
    client = Client(raise_request_exception=False)
    client.force_login(contoh.akun["guru"])
    try:
        answer = client.post(f"/rapor/pembelajaran/{contoh.matematika.pk}/1/", {"n-1-1": "75"})
    finally:
        logging.getLogger("django.request").removeHandler(handler)
    assert answer.status_code == 500
    assert CANARY not in answer.content.decode()
    assert "ValueError" in stream.getvalue()
    assert "marking.py" in stream.getvalue()
    assert CANARY not in stream.getvalue()


@pytest.mark.django_db
def test_a_failed_job_tells_its_type_alone(contoh: Contoh, monkeypatch: Any) -> None:
    def broken(handle: jobs.Handle) -> None:
        raise RuntimeError(CANARY)

    monkeypatch.setitem(jobs._handlers, "uji.rusak", broken)
    with ledger.record("uji", by=ledger.SYSTEM):
        row = jobs.submit("uji.rusak", title="Uji", by=contoh.akun["wali"])
    handler, stream = capture("mutu.jobs")
    try:
        assert jobs.work_once()
    finally:
        logging.getLogger("mutu.jobs").removeHandler(handler)
    failed = Pekerjaan.objects.get(pk=row.pk)
    assert failed.status == "gagal"
    assert "RuntimeError" in failed.pesan
    assert CANARY not in failed.pesan + stream.getvalue()


def test_the_settings_use_it(settings: Any) -> None:
    assert settings.LOGGING["formatters"]["plain"]["()"] == "mutu.web.logs.PlacesOnly"
