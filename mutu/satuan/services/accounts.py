"""Accounts and roles. A first password is made at random, shown once, and stored only as a hash."""

from __future__ import annotations

import secrets
from datetime import date, timedelta

from django.contrib.auth.hashers import make_password
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext as _

from mutu.satuan import ledger
from mutu.satuan.access import roles_of
from mutu.satuan.models import Akun, Guru, Peran, Sekolah, Wali
from mutu.satuan.services.saving import save, tidy

# No letters or digits that look alike on paper: 0 O, 1 l I.
ALPHABET = "abcdefghijkmnpqrstuvwxyz23456789"
GROUPS, GROUP_LENGTH = 4, 4


def new_password() -> str:
    """A random password that can be read out and typed: four groups of four, 80 bits."""
    return "-".join("".join(secrets.choice(ALPHABET) for _ in range(GROUP_LENGTH)) for _ in range(GROUPS))


def create_account(
    *, username: str, nama: str, email: str = "", with_password: bool = True, by: Akun | str
) -> tuple[Akun, str]:
    """Make an account; returns it with its first password, which nobody can read again.

    Without `with_password` nobody can sign in by password (demo accounts, accounts of an OIDC provider). Raises
    `ValidationError`.
    """
    password = new_password() if with_password else ""
    akun = Akun(username=tidy(username).lower(), nama=nama, email=email, password=make_password(password or None))
    with ledger.record("akun.buat", by=by) as notes:
        save(akun)
        notes["akun"] = akun.pk
    return akun, password


def edit_account(*, akun: Akun, nama: str, email: str = "", by: Akun | str) -> Akun:
    """Change an account's name or address. Raises `ValidationError`."""
    _may_keep(akun, by)
    with ledger.record("akun.ubah", by=by, details={"akun": akun.pk}):
        akun.nama, akun.email = nama, email
        save(akun)
    return akun


def reset_password(*, akun: Akun, by: Akun | str) -> str:
    """Give an account a new random password, for someone who forgot it; returns it. Raises `ValidationError`."""
    _may_keep(akun, by)
    password = new_password()
    with ledger.record("akun.setel_ulang_sandi", by=by, details={"akun": akun.pk}):
        akun.set_password(password)
        akun.save(update_fields=["password"])
    return password


def set_active(*, akun: Akun, active: bool, by: Akun | str) -> None:
    """Let an account sign in, or no longer; nothing it did is lost. Raises `ValidationError`."""
    _may_keep(akun, by)
    if isinstance(by, Akun) and by.pk == akun.pk and not active:
        raise ValidationError(_("Anda tidak dapat menonaktifkan akun sendiri. Minta operator lain."))
    with ledger.record("akun.aktifkan" if active else "akun.nonaktifkan", by=by, details={"akun": akun.pk}):
        akun.is_active = active
        akun.save(update_fields=["is_active"])


def grant_role(
    *, akun: Akun, jenis: str, sekolah: Sekolah | None = None, dari: date | None = None, by: Akun | str
) -> Peran:
    """Give an account a role from a day on (today); an ended one opens again. Raises `ValidationError`."""
    _may_grant(jenis, sekolah, by)
    with ledger.record("peran.beri", by=by, details={"akun": akun.pk, "jenis": jenis}):
        row = Peran.objects.filter(akun=akun, jenis=jenis, sekolah=sekolah).first()
        row = row or Peran(akun=akun, jenis=jenis, sekolah=sekolah, dari=dari or timezone.localdate())
        if row.sampai is not None:
            row.dari, row.sampai = dari or timezone.localdate(), None
        save(row)
    _forget_roles(akun)
    return row


def end_role(*, peran: Peran, by: Akun | str) -> None:
    """End a role now. Raises `ValidationError` for the last operator, who could never be made again."""
    _may_grant(peran.jenis, peran.sekolah, by)
    with ledger.record("peran.akhiri", by=by, details={"akun": peran.akun_id, "jenis": peran.jenis}):
        if peran.jenis == Peran.Jenis.OPERATOR:
            others = Peran.objects.select_for_update().filter(
                jenis=Peran.Jenis.OPERATOR, sampai__isnull=True, akun__is_active=True
            )
            if not others.exclude(pk=peran.pk).exists():
                raise ValidationError(_("Ini operator terakhir. Angkat operator lain lebih dahulu."))
        # A role counts on its last day too, so one that ends now ended yesterday.
        peran.sampai = timezone.localdate() - timedelta(days=1)
        peran.save(update_fields=["sampai"])
    _forget_roles(peran.akun)


def create_teacher_account(
    *, guru: Guru, username: str, with_password: bool = True, dari: date | None = None, by: Akun | str
) -> tuple[Akun, str]:
    """Make an account for a teacher, with the role `guru` in the teacher's school. Raises `ValidationError`."""
    if guru.akun_id is not None:
        raise ValidationError(_("Guru ini sudah mempunyai akun. Setel ulang kata sandinya bila lupa."))
    with ledger.record("guru.buat_akun", by=by, details={"guru": guru.pk}):
        akun, password = create_account(username=username, nama=guru.nama, with_password=with_password, by=by)
        guru.akun = akun
        save(guru)
        grant_role(akun=akun, jenis=Peran.Jenis.GURU, sekolah=guru.sekolah, dari=dari, by=by)
    return akun, password


def create_guardian_account(
    *, wali: Wali, username: str, with_password: bool = True, dari: date | None = None, by: Akun | str
) -> tuple[Akun, str]:
    """Make an account for a guardian, with the role `orang_tua` in the school. Raises `ValidationError`."""
    if wali.akun_id is not None:
        raise ValidationError(_("Orang tua/wali ini sudah mempunyai akun. Setel ulang kata sandinya bila lupa."))
    with ledger.record("wali.buat_akun", by=by, details={"wali": wali.pk}):
        akun, password = create_account(username=username, nama=wali.nama, with_password=with_password, by=by)
        wali.akun = akun
        save(wali)
        grant_role(akun=akun, jenis=Peran.Jenis.ORANG_TUA, sekolah=wali.sekolah, dari=dari, by=by)
    return akun, password


def create_staff_account(*, sekolah: Sekolah, username: str, nama: str, jenis: str, by: Akun | str) -> tuple[Akun, str]:
    """Make an account of somebody who keeps or heads a school. Raises `ValidationError`."""
    with ledger.record("akun.buat_staf", by=by, details={"sekolah": sekolah.pk, "jenis": jenis}):
        akun, password = create_account(username=username, nama=nama, by=by)
        grant_role(akun=akun, jenis=jenis, sekolah=sekolah, by=by)
    return akun, password


def keeps(by: Akun, akun: Akun) -> bool:
    """Whether `by` may change this account.

    An operator may change every account. The operator of a school may change those whose roles, also ended ones, all
    lie in that school: otherwise a school could take over the account of the whole installation's operator.
    """
    held = roles_of(by)
    if held.is_operator:
        return True
    own = held.schools.get(Peran.Jenis.OPERATOR_SEKOLAH.value, frozenset())
    reach = list(akun.peran.values_list("sekolah_id", flat=True))
    return bool(reach) and all(sekolah_id in own for sekolah_id in reach)


def _may_keep(akun: Akun, by: Akun | str) -> None:
    if isinstance(by, Akun) and not keeps(by, akun):
        raise ValidationError(_("Akun ini juga berperan di luar sekolah Anda. Minta operator untuk mengubahnya."))


def _may_grant(jenis: str, sekolah: Sekolah | None, by: Akun | str) -> None:
    if isinstance(by, str):
        return
    held = roles_of(by)
    if held.is_operator:
        return
    own = held.schools.get(Peran.Jenis.OPERATOR_SEKOLAH.value, frozenset())
    if jenis == Peran.Jenis.OPERATOR or sekolah is None or sekolah.pk not in own:
        raise ValidationError(_("Anda hanya dapat memberi atau mengakhiri peran di sekolah Anda sendiri."))


def _forget_roles(akun: Akun) -> None:
    akun.__dict__.pop("_roles", None)
