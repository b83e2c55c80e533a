"""The proof of a final rapor: its signature over the canonical text, number, QR code, and the signed file.

Knows no table: whoever holds a file and the school's public key can verify without a database. The format is
described in docs/decisions/0011-proof-of-a-final-rapor.md.
"""

from __future__ import annotations

import hashlib
import os
import re
import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

KEY_NAME = "kunci-rapor"
PUBLIC_NAME = "kunci-rapor.pub"
# Neither 0/O nor 1/I/L nor U/V: the number is read aloud and typed from paper.
ALPHABET = "23456789ABCDEFGHJKMNPQRSTWXYZ"
GROUPS, GROUP = 4, 5
NUMBER = re.compile(rf"[0-9]{{8}}(?:-[{ALPHABET}]{{{GROUP}}}){{{GROUPS}}}")
SHORT_HASH = 12

# What a signature is for is part of what is signed: one made for a text can never pass for one of a file.
_FOR_TEXT = b"MUTU rapor isi 1\n"
_FOR_FILE = b"MUTU rapor berkas 1\n"
_PEM = re.compile(rb"-----BEGIN PUBLIC KEY-----.+?-----END PUBLIC KEY-----", re.DOTALL)
_END = b"%%EOF"
_LINE = re.compile(
    rb"\n%MUTU 1 (?P<id>" + NUMBER.pattern.encode() + rb") (?P<kunci>[0-9a-f]{64}) (?P<tanda>[0-9a-f]{128})\n\Z"
)
_TAIL = 300
_BROKEN = "Berkas {path} bukan kunci rapor yang utuh; kembalikan dari cadangan."


class KeyFault(Exception):
    """A key file that cannot be used. The message is Indonesian: which file, and how to mend it."""


@dataclass(frozen=True)
class Key:
    """The school's signing key with the fingerprint of its public half (SHA-256 of its 32 bytes, hex)."""

    private: Ed25519PrivateKey
    fingerprint: str

    def sign_text(self, text: str) -> str:
        """The signature over a canonical text, hex."""
        return self.private.sign(_FOR_TEXT + text.encode()).hex()

    def sign_file(self, content: bytes, number: str) -> bytes:
        """The PDF with one more line, which signs every byte before its own signature. Raises ValueError otherwise.

        The line is a comment of PDF after the end mark; readers pass over it.
        """
        if not content.rstrip(b"\r\n").endswith(_END) or not NUMBER.fullmatch(number):
            raise ValueError("a whole PDF and the number of a final rapor are needed")
        head = content.rstrip(b"\r\n") + b"\n%MUTU 1 " + number.encode() + b" " + self.fingerprint.encode() + b" "
        return head + self.private.sign(_FOR_FILE + head).hex().encode() + b"\n"


def new_number(npsn: str) -> str:
    """A number for one final rapor: the school's NPSN and 97 random bits in groups. Nobody guesses it."""
    groups = ("".join(secrets.choice(ALPHABET) for _ in range(GROUP)) for _ in range(GROUPS))
    return "-".join([npsn, *groups])


def parse_number(typed: str) -> str | None:
    """The number that a person typed or scanned, in its one spelling; None when it cannot be one.

    Small letters, spaces, and missing or other dashes do not matter.
    """
    plain = re.sub(r"[\s\-–—._]", "", typed).upper()
    if len(plain) != 8 + GROUPS * GROUP or not plain.isascii():
        return None
    letters = plain[8:]
    number = "-".join([plain[:8], *(letters[i : i + GROUP] for i in range(0, len(letters), GROUP))])
    return number if NUMBER.fullmatch(number) else None


def address(base: str, number: str, hash_: str = "") -> str:
    """The public address of a proof; with the first digits of the hash as the paper carries it."""
    return f"{base.rstrip('/')}/cek/{number}" + (f"?s={hash_[:SHORT_HASH]}" if hash_ else "")


@lru_cache(maxsize=2048)
def qr_rows(text: str) -> tuple[str, ...]:
    """The QR code of a text as rows of 0 and 1 (1 is dark), without the quiet zone of four modules around it."""
    import segno

    code = segno.make(text, error="m", micro=False, boost_error=False)
    return tuple("".join("1" if module else "0" for module in row) for row in code.matrix)


def fingerprint(public: Ed25519PublicKey) -> str:
    """SHA-256 of the 32 bytes of a public key, hex."""
    raw = public.public_bytes(serialization.Encoding.Raw, serialization.PublicFormat.Raw)
    return hashlib.sha256(raw).hexdigest()


def own_key(folder: Path) -> Key:
    """The signing key of this installation; made once, readable by its owner alone, its public half beside it.

    Raises KeyFault when the file is there but is no such key.
    """
    path = folder / KEY_NAME
    try:
        found = path.read_bytes()
    except FileNotFoundError:
        found = _make(path)
    return _loaded(str(path), found)


@lru_cache(maxsize=8)
def _loaded(path: str, pem: bytes) -> Key:
    try:
        private = serialization.load_pem_private_key(pem, password=None)
    except ValueError:
        raise KeyFault(_BROKEN.format(path=path)) from None
    if not isinstance(private, Ed25519PrivateKey):
        raise KeyFault(_BROKEN.format(path=path))
    key = Key(private, fingerprint(private.public_key()))
    _publish(Path(path).with_name(PUBLIC_NAME), private.public_key(), key.fingerprint)
    return key


def _make(path: Path) -> bytes:
    """Make the key. Two processes at once end with one key: the second name of a file is given only once."""
    pem = Ed25519PrivateKey.generate().private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    part = path.with_name(f"{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
    with open(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(pem)
        file.flush()
        os.fsync(file.fileno())
    try:
        os.link(part, path)
    except FileExistsError:
        return path.read_bytes()
    finally:
        part.unlink()
    return pem


def _publish(path: Path, public: Ed25519PublicKey, mark: str) -> None:
    """Keep the public half beside the key; earlier ones stay, so that what they signed can still be verified."""
    if path.exists() and mark in read_keys([path]):
        return
    with path.open("ab") as file:
        file.write(public_pem(public))
    path.chmod(0o644)


def public_pem(public: Ed25519PublicKey) -> bytes:
    """A public key as PEM, for others to verify with."""
    return public.public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)


def read_keys(paths: Iterable[Path]) -> dict[str, Ed25519PublicKey]:
    """The public keys in these PEM files, by fingerprint. Raises KeyFault when a file holds none."""
    keys: dict[str, Ed25519PublicKey] = {}
    for path in paths:
        try:
            blocks = _PEM.findall(path.read_bytes())
            found = [serialization.load_pem_public_key(block) for block in blocks]
        except OSError as error:
            raise KeyFault(f"Berkas kunci {path} tidak dapat dibaca ({error.strerror}).") from None
        except ValueError:
            raise KeyFault(f"Berkas {path} memuat kunci yang rusak.") from None
        own = [key for key in found if isinstance(key, Ed25519PublicKey)]
        if not own:
            raise KeyFault(f"Berkas {path} tidak memuat kunci publik rapor (PEM, Ed25519).")
        keys |= {fingerprint(key): key for key in own}
    return keys


def text_is_signed(text: str, signature: str, public: Ed25519PublicKey) -> bool:
    """Whether this key signed this canonical text."""
    return _verified(public, signature, _FOR_TEXT + text.encode())


def _verified(public: Ed25519PublicKey, signature: str, content: bytes) -> bool:
    try:
        public.verify(bytes.fromhex(signature), content)
    except (InvalidSignature, ValueError):
        return False
    return True


@dataclass(frozen=True)
class Verdict:
    """What a file says of itself. `hasil`: sah, rusak, tanpa_tanda (no signature at all), kunci_tidak_dikenal."""

    hasil: str
    id: str = ""
    kunci: str = ""


def verify_file(content: bytes, keys: Mapping[str, Ed25519PublicKey]) -> Verdict:
    """Verify a signed PDF. Any changed, missing or added byte makes it `rusak`, or leaves it without its line.

    A changed byte in the fingerprint names a key that nobody knows; for the reader both mean: do not trust it.
    """
    found = _LINE.search(content, max(0, len(content) - _TAIL))
    if found is None:
        # A line that was there and lost its spelling is damage; a PDF that never had one was not signed.
        return Verdict("rusak" if b"%MUTU" in content[-_TAIL:] else "tanpa_tanda")
    number, mark = found["id"].decode(), found["kunci"].decode()
    if mark not in keys:
        return Verdict("kunci_tidak_dikenal", number, mark)
    signed = _FOR_FILE + content[: found.start("tanda")]
    return Verdict("sah" if _verified(keys[mark], found["tanda"].decode(), signed) else "rusak", number, mark)
