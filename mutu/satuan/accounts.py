"""How people sign in: accounts are made by an operator, never by a visitor."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from django.http import HttpRequest

from mutu.satuan import ledger


class AccountAdapter(DefaultAccountAdapter):
    """Local accounts: no sign-up page."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def set_password(self, user: Any, password: str) -> None:
        """Change a password, with a ledger line that says who and when."""
        with ledger.record("akun.ubah_sandi", by=user, details={"akun": user.pk}):
            super().set_password(user, password)


class SocialAccountAdapter(DefaultSocialAccountAdapter):
    """Accounts of an institution's OIDC provider: they open an existing account, they never make one."""

    def is_open_for_signup(self, request: HttpRequest, sociallogin: Any) -> bool:
        return False
