"""Who may do what: deny by default, one table for `can()` and `visible_to()`, and a policy on every route.

Each model carries its row of the table in the attribute `akses`: action -> relation -> path from the model to what
the relation is about (a school, or the account of a person). A relation that is not listed gives nothing.

Relations
    operator          keeper of the whole installation
    operator_sekolah  keeper of one school          (path to Sekolah)
    kepala_sekolah    head of a school              (path to Sekolah)
    guru              any teacher of a school       (path to Sekolah)
    guru_mapel        the teacher of that lesson    (path to Akun)
    wali_kelas        the homeroom teacher          (path to Akun)
    orang_tua         guardian of that pupil        (path to Akun)
    guru_dinilai      the teacher who is assessed   (path to Akun)
    penilai           the assessor of that teacher  (path to Akun); may come from outside the school
    moderator         who decides an objection      (path to Akun)
    diri              the account itself            (path to Akun)

A path gives the whole object; `Only(path, fields)` gives just those fields of it, and the same two functions, asked for
another field, answer no.

Denial looks like absence: whoever may not see a thing gets the same 404 as for a thing that does not exist.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar, cast

from django.db.models import Model, Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone

from mutu.satuan.rows import read

if TYPE_CHECKING:
    from mutu.satuan.models import Akun

M = TypeVar("M", bound=Model)


@dataclass(frozen=True)
class Only:
    """A grant of some fields alone: a guardian sees a child's mark and its steps, not who typed them and when."""

    path: str
    fields: frozenset[str]


Grants = Mapping[str, str | Only]
Table = Mapping[str, Grants]

# relation -> (role the account must hold, whether the path leads to a school or to an account)
RELATIONS: dict[str, tuple[str, str]] = {
    "operator": ("operator", "semua"),
    "operator_sekolah": ("operator_sekolah", "sekolah"),
    "kepala_sekolah": ("kepala_sekolah", "sekolah"),
    "guru": ("guru", "sekolah"),
    "guru_mapel": ("guru", "akun"),
    "wali_kelas": ("guru", "akun"),
    "orang_tua": ("orang_tua", "akun"),
    "guru_dinilai": ("guru", "akun"),
    "penilai": ("", "akun"),
    "moderator": ("", "akun"),
    "diri": ("", "akun"),
}


@dataclass(frozen=True)
class Roles:
    """The roles an account holds today: role -> ids of the schools it holds them in (empty for no school)."""

    schools: Mapping[str, frozenset[int]]

    def __contains__(self, role: object) -> bool:
        return role in self.schools

    @property
    def is_operator(self) -> bool:
        return "operator" in self.schools


def roles_of(akun: Any) -> Roles:
    """Read the roles of an account once per request; an anonymous visitor has none."""
    if not akun.is_authenticated:
        return Roles({})
    cached = getattr(akun, "_roles", None)
    if cached is None:
        schools: dict[str, set[int]] = {}
        today = timezone.localdate()
        for jenis, sekolah_id, first, last in read(_roles_ever, akun.pk):
            if first > today or (last is not None and last < today):
                continue
            schools.setdefault(jenis, set())
            if sekolah_id is not None:
                schools[jenis].add(sekolah_id)
        cached = akun._roles = Roles({role: frozenset(ids) for role, ids in schools.items()})
    return cast(Roles, cached)


def _roles_ever(akun: int) -> QuerySet[Any, Any]:
    """Every page asks for these, so by a ready statement. The models import this module for `Only`."""
    from mutu.satuan.models import Peran

    return Peran.objects.filter(akun_id=akun).values_list("jenis", "sekolah_id", "dari", "sampai")


def _condition(akun: Any, grants: Grants, field: str | None) -> Q | None:
    """The condition under which a row is allowed; None when nothing is, an empty Q when everything is."""
    roles = roles_of(akun)
    condition: Q | None = None
    for relation, grant in grants.items():
        if isinstance(grant, Only) and field is not None and field not in grant.fields:
            continue
        path = grant.path if isinstance(grant, Only) else grant
        role, reach = RELATIONS[relation]
        if role and role not in roles:
            continue
        if reach == "semua":
            return Q()
        value: Any = akun.pk if reach == "akun" else roles.schools[role]
        lookup = (path or "pk") if reach == "akun" else f"{path or 'pk'}__in"
        part = Q(**{lookup: value})
        condition = part if condition is None else condition | part
    return condition


def visible_to(akun: Any, action: str, model: type[M], *, field: str | None = None) -> QuerySet[M]:
    """The rows of `model` on which the account may do `action` (to this `field`); none unless the table says so."""
    grants = cast(Table, getattr(model, "akses", {})).get(action, {})
    manager = model._default_manager
    condition = _condition(akun, grants, field) if akun.is_authenticated else None
    if condition is None:
        return manager.none()
    if not condition:
        return manager.all()
    if len(condition.children) == 1:
        return manager.filter(condition).distinct()
    # A union of joins can yield a row twice; the inner query keeps the outer one plain and countable.
    return manager.filter(pk__in=manager.filter(condition).values("pk"))


def can(akun: Any, action: str, obj: Model, *, field: str | None = None) -> bool:
    """Whether the account may do `action` on this object (to this `field` of it)."""
    return visible_to(akun, action, type(obj), field=field).filter(pk=obj.pk).exists()


def akun_of(request: HttpRequest) -> Akun:
    """The account behind a request whose route has already asked for one. Raises Http404 without."""
    if not request.user.is_authenticated:
        raise Http404
    return request.user


@dataclass(frozen=True)
class Policy:
    """What a route asks of its visitor. `kind`: umum (anyone), masuk (signed in), peran (one of `roles`), objek."""

    kind: str
    roles: frozenset[str] = frozenset()
    action: str = ""
    model: type[Model] | None = None


View = Callable[..., HttpResponse]


def _refuse(request: HttpRequest) -> HttpResponse:
    """An anonymous visitor is asked to sign in; anyone else finds nothing here."""
    # Models import this module for `Only`, long before Django's own views can be loaded.
    from django.contrib.auth.views import redirect_to_login

    if not request.user.is_authenticated and request.method in ("GET", "HEAD"):
        return redirect_to_login(request.get_full_path())
    raise Http404


def _mark(view: View, policy: Policy) -> View:
    view.policy = policy  # type: ignore[attr-defined]
    return view


def public(view: View) -> View:
    """Anyone, also without an account."""
    return _mark(view, Policy("umum"))


def signed_in(view: View) -> View:
    """Anyone with an account."""

    @functools.wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return view(request, *args, **kwargs) if request.user.is_authenticated else _refuse(request)

    return _mark(guarded, Policy("masuk"))


def has_role(*roles: str) -> Callable[[View], View]:
    """Whoever holds one of these roles anywhere."""

    def decorate(view: View) -> View:
        @functools.wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            held = roles_of(request.user)
            if any(role in held for role in roles):
                return view(request, *args, **kwargs)
            return _refuse(request)

        return _mark(guarded, Policy("peran", roles=frozenset(roles)))

    return decorate


def on_object(
    action: str, model: type[Model], *, key: str = "pk", field: str = "pk", related: tuple[str, ...] = ()
) -> Callable[[View], View]:
    """Whoever may do `action` on the object that the URL names; the view gets the object instead of its key.

    `key` is the name of the URL part, `field` the column it is looked up in, `related` what to fetch along.
    """

    def decorate(view: View) -> View:
        @functools.wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            if not request.user.is_authenticated:
                return _refuse(request)
            rows = visible_to(request.user, action, model).select_related(*related)
            obj = rows.filter(**{field: kwargs.pop(key)}).first()
            if obj is None:
                raise Http404
            return view(request, obj, *args, **kwargs)

        return _mark(guarded, Policy("objek", action=action, model=model))

    return decorate


# Views of libraries carry no decorator; these are the ones we mount, with what they ask.
LIBRARY_POLICIES: dict[str, Policy] = {
    "allauth.account.views": Policy("umum"),
    "allauth.socialaccount.views": Policy("umum"),
    "allauth.socialaccount.providers.openid_connect.views": Policy("umum"),
    "django.views.i18n": Policy("umum"),
    "django.views.static": Policy("umum"),
    # The API holds a policy per operation (mutu/web/api.py refuses an operation without one).
    "ninja.operation": Policy("umum"),
    "ninja.openapi.views": Policy("umum"),
    "ninja.openapi.urls": Policy("umum"),
}


def policy_of(view: Any) -> Policy | None:
    """The policy of a view, or None where nobody gave one."""
    found = getattr(view, "policy", None)
    if found is not None:
        return cast(Policy, found)
    inner = getattr(view, "view_class", None) or view
    if isinstance(inner, functools.partial):
        inner = inner.func
    return LIBRARY_POLICIES.get(getattr(inner, "__module__", ""))


class PolicyMiddleware:
    """Answers 404 for a route that nobody gave a policy. The build fails on such a route before it gets here."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Any, args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> HttpResponse | None:
        if policy_of(view) is None:
            raise Http404
        return None
