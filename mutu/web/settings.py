"""Django settings. Two variables matter to a school: DATABASE_URL (which database) and MUTU_DATA (which folder).

Everything else has a default that is safe on one laptop; the table of all variables stands in docs/OPERATIONS.md.
"""

import os
import secrets
import sqlite3
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import dj_database_url
from csp.constants import NONE, SELF

from mutu.satuan.setup import sqlite_wal_is_safe

BASE_DIR = Path(__file__).resolve().parents[2]
DATA_DIR = Path(os.environ.get("MUTU_DATA") or BASE_DIR / "data").resolve()
DATA_DIR.mkdir(mode=0o700, parents=True, exist_ok=True)

# Demo mode shows one-tap sign-in per role. Only the command `mutu demo` sets it; a real school never runs with it.
DEMO = os.environ.get("MUTU_DEMO") == "1"
DEBUG = os.environ.get("MUTU_DEBUG") == "1"


def _secret_key() -> str:
    """The signing key: from the environment, else made once and kept readable by its owner alone."""
    if key := os.environ.get("MUTU_SECRET_KEY"):
        return key
    path = DATA_DIR / "kunci-rahasia"
    try:
        return path.read_text().strip()
    except FileNotFoundError:
        key = secrets.token_urlsafe(50)
        try:
            with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
                file.write(key)
        except FileExistsError:
            return path.read_text().strip()
        return key


SECRET_KEY = _secret_key()
ALLOWED_HOSTS = os.environ.get("MUTU_HOSTS", "127.0.0.1,localhost,[::1]").split(",")
CSRF_TRUSTED_ORIGINS = [origin for origin in os.environ.get("MUTU_ORIGINS", "").split(",") if origin]


def _database() -> dict[str, Any]:
    url = os.environ.get("DATABASE_URL") or f"sqlite:///{DATA_DIR / 'mutu.sqlite3'}"
    config: dict[str, Any] = dict(dj_database_url.parse(url, conn_max_age=600, conn_health_checks=True))
    if config["ENGINE"] == "django.db.backends.sqlite3":
        journal = "WAL" if sqlite_wal_is_safe(sqlite3.sqlite_version_info) else "TRUNCATE"
        config["OPTIONS"] = {
            # A read that turns into a write fails at once under a deferred BEGIN, whatever the timeout.
            "transaction_mode": "IMMEDIATE",
            "timeout": 20,
            "init_command": f"PRAGMA journal_mode={journal}; PRAGMA synchronous=FULL; PRAGMA mmap_size=0;",
        }
    return config


DATABASES = {"default": _database()}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

INSTALLED_APPS = [
    "mutu.web",
    "mutu.satuan",
    "mutu.rapor",
    "mutu.kinerja",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django_htmx",
    "ninja",
    "allauth",
    "allauth.account",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    # A class grid is 130 KB of HTML and 10 KB on the line; Django pads the answer at random against BREACH.
    "django.middleware.gzip.GZipMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "mutu.web.languages.ChosenLanguageMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "mutu.satuan.access.PolicyMiddleware",
]

ROOT_URLCONF = "mutu.web.urls"
WSGI_APPLICATION = "mutu.web.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "mutu.web.context.shell",
            ]
        },
    }
]

AUTH_USER_MODEL = "satuan.Akun"
AUTHENTICATION_BACKENDS = [
    "django.contrib.auth.backends.ModelBackend",
    "allauth.account.auth_backends.AuthenticationBackend",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "beranda"
ACCOUNT_LOGOUT_REDIRECT_URL = "account_login"
# Accounts are made by an operator: nobody signs up, and an e-mail address is optional in a village school.
ACCOUNT_ADAPTER = "mutu.satuan.accounts.AccountAdapter"
SOCIALACCOUNT_ADAPTER = "mutu.satuan.accounts.SocialAccountAdapter"
ACCOUNT_LOGIN_METHODS = {"username"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_USER_MODEL_EMAIL_FIELD = "email"
SOCIALACCOUNT_ONLY = False
# The browser follows the sign-in form to the provider, which the form-action rule must name.
OIDC_ORIGIN: list[str] = []
if os.environ.get("MUTU_OIDC_SERVER"):
    OIDC_ORIGIN = ["{0.scheme}://{0.netloc}".format(urlsplit(os.environ["MUTU_OIDC_SERVER"]))]
    SOCIALACCOUNT_PROVIDERS = {
        "openid_connect": {
            "APPS": [
                {
                    "provider_id": "sekolah",
                    "name": os.environ.get("MUTU_OIDC_NAME", "Akun lembaga"),
                    "client_id": os.environ.get("MUTU_OIDC_CLIENT", ""),
                    "secret": os.environ.get("MUTU_OIDC_SECRET", ""),
                    "settings": {"server_url": os.environ["MUTU_OIDC_SERVER"]},
                }
            ]
        }
    }

LANGUAGE_CODE = "id"
LANGUAGES = [("id", "Bahasa Indonesia"), ("en", "English")]
LOCALE_PATHS = [BASE_DIR / "mutu" / "web" / "locale"]
TIME_ZONE = os.environ.get("MUTU_TIME_ZONE", "Asia/Jakarta")
USE_I18N = True
USE_TZ = True

STATIC_URL = "static/"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
# One process serves the files straight from the packages: no collectstatic step to forget.
WHITENOISE_USE_FINDERS = True
WHITENOISE_MAX_AGE = 600
UPLOAD_DIR = DATA_DIR / "unggahan"
OUTPUT_DIR = DATA_DIR / "keluaran"
# Where anyone reaches this installation: the address in the QR code of a final rapor, printed for years.
PUBLIC_ADDRESS = os.environ.get("MUTU_ALAMAT", "http://127.0.0.1:8000")
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024
# A class of 50 with 40 columns sends 2,000 marks and their versions when the grid is saved as a plain form.
DATA_UPLOAD_MAX_NUMBER_FIELDS = 10_000

SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_AGE = 12 * 3600
SECURE = os.environ.get("MUTU_HTTPS") == "1"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE
SECURE_SSL_REDIRECT = SECURE
if SECURE:
    # TLS ends at a proxy in front of us, which says so in this header and must overwrite what a visitor sends.
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
SECURE_HSTS_SECONDS = 31_536_000 if SECURE else 0
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "manifest-src": [SELF],
        "object-src": [NONE],
        "base-uri": [NONE],
        "form-action": [SELF, *OIDC_ORIGIN],
        "frame-ancestors": [NONE],
    }
}

CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}

# Requests are logged without query strings and without bodies: names and marks travel in both.
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "plain": {"()": "mutu.web.logs.PlacesOnly", "format": "%(asctime)s %(levelname)s %(name)s %(message)s"}
    },
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "plain"}},
    "root": {"handlers": ["console"], "level": "WARNING"},
    "loggers": {"mutu": {"level": "INFO"}},
}
