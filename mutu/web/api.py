"""The HTTP API at /api/v1: the open calculators, and the routers of the subjects. It has a plain page at /api/.

Every operation carries a policy (mutu/satuan/access.py): the same decorators as a view, placed under the route
decorator. `checked` refuses an operation without one, and one that is not public but asks for no sign-in, before the
server answers its first request.
"""

import json
from collections.abc import Iterator
from typing import Any

from django.core.exceptions import ImproperlyConfigured, RequestDataTooBig
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop as _noop
from ninja import NinjaAPI
from ninja.errors import HttpError, Throttled, ValidationError
from ninja.openapi.schema import OpenAPISchema
from ninja.operation import Operation
from ninja.throttling import SimpleRateThrottle

from mutu.regulation import registry
from mutu.regulation.explain import InputError
from mutu.satuan.access import policy_of, public

MAX_BODY = 1024 * 1024
CALCULATIONS_PER_MINUTE = 120
# What the framework says of its own accord, in English.
LIBRARY_WORDS = {"Unauthorized", "Forbidden", "CSRF check Failed"}


class PerAddress(SimpleRateThrottle):
    """Counts requests per network address, whoever signs in. Forwarded addresses are ignored: anyone can write them."""

    scope = "hitung"

    def get_cache_key(self, request: HttpRequest) -> str:
        return f"throttle_{self.scope}_{request.META.get('REMOTE_ADDR', '')}"


def faults(galat: list[dict[str, str]], status: int) -> HttpResponse:
    """The body of every refusal: {"galat": [{"jalur", "pesan"}]}."""
    return JsonResponse({"galat": galat}, status=status, json_dumps_params={"ensure_ascii": False})


class MutuAPI(NinjaAPI):
    """The API, whose description lists each calculator as a path of its own with its schema and example."""

    def get_openapi_schema(self, *, path_prefix: str | None = None, path_params: Any = None) -> OpenAPISchema:
        schema = super().get_openapi_schema(path_prefix=path_prefix, path_params=path_params)
        prefix = self.get_root_path({}) if path_prefix is None else path_prefix
        components = schema["components"]["schemas"]
        components["Galat"] = FAULT_SCHEMA
        for name in registry.names():
            components |= _components(name)
            schema["paths"][f"{prefix}hitung/{name}"] = {"post": _calculator_operation(name)}
        return schema


FAULT_SCHEMA = {
    "type": "object",
    "required": ["galat"],
    "properties": {
        "galat": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["jalur", "pesan"],
                "properties": {"jalur": {"type": "string"}, "pesan": {"type": "string"}},
            },
        }
    },
}
RESULT_SCHEMA = {"type": "object", "required": ["langkah", "peringatan", "aturan"]}


def _components(name: str) -> dict[str, Any]:
    """The input schema of a calculator and its parts, under names that no two calculators share."""
    source = {key: value for key, value in registry.schema(name).items() if key != "$schema"}
    # References inside a JSON Schema count from its own root; in an OpenAPI document that is another place.
    text = json.dumps(source).replace('"#/$defs/', f'"#/components/schemas/{name}.')
    moved = json.loads(text)
    parts = {f"{name}.{part}": value for part, value in moved.pop("$defs", {}).items()}
    return {name: moved, **parts}


def _calculator_operation(name: str) -> dict[str, Any]:
    calculator = registry.describe(name)
    fault = {"application/json": {"schema": {"$ref": "#/components/schemas/Galat"}}}
    return {
        "operationId": f"hitung_{name.replace('.', '_')}",
        "summary": calculator.judul,
        "description": calculator.uraian,
        "tags": ["hitung"],
        "requestBody": {
            "required": True,
            "content": {
                "application/json": {
                    "schema": {"$ref": f"#/components/schemas/{name}"},
                    "example": dict(calculator.contoh),
                }
            },
        },
        "responses": {
            "200": {"description": _noop("Hasil"), "content": {"application/json": {"schema": RESULT_SCHEMA}}},
            "413": {"description": _noop("Masukan lebih dari 1 MB"), "content": fault},
            "422": {"description": _noop("Masukan keliru"), "content": fault},
            "429": {"description": _noop("Terlalu banyak permintaan"), "content": fault},
        },
    }


api = MutuAPI(title="Mutu", version="1", docs_url=None, openapi_url="/openapi.json", urls_namespace="api-1")


@api.exception_handler(ValidationError)
def malformed(request: HttpRequest, error: Any) -> HttpResponse:
    """422: a request that is not of the described shape, each fault with its place."""
    return faults([registry.fault(one, outermost=2) for one in error.errors], 422)


@api.exception_handler(HttpError)
def refused(request: HttpRequest, error: Any) -> HttpResponse:
    """What an operation, the sign-in or the reading of the body refuses, in the words of the status."""
    sentences = {
        400: _("Isi permintaan bukan JSON yang utuh."),
        401: _("Masuklah dahulu."),
        403: _("Permintaan ini tidak membawa token halaman (X-CSRFToken); muat ulang halaman, lalu ulangi."),
    }
    own = str(error)
    library = own in LIBRARY_WORDS or own.startswith("Cannot parse request body")
    return faults(
        [{"jalur": "", "pesan": sentences.get(error.status_code, own) if library else own}], error.status_code
    )


@api.exception_handler(Http404)
def absent(request: HttpRequest, error: Any) -> HttpResponse:
    """404, the same for what is not there and for what is not for this visitor."""
    return faults([{"jalur": "", "pesan": _("Tidak ada, atau bukan untuk akun Anda.")}], 404)


@api.exception_handler(Throttled)
def too_many(request: HttpRequest, error: Any) -> HttpResponse:
    """429, with the seconds to wait in the header."""
    wait = max(1, int(error.wait or 1))
    message = _("Terlalu banyak permintaan dari alamat ini; coba lagi {detik} detik lagi.").format(detik=wait)
    response = faults([{"jalur": "", "pesan": message}], 429)
    response["Retry-After"] = str(wait)
    return response


@api.post(
    "/hitung/{nama}",
    url_name="hitung",
    auth=None,
    throttle=PerAddress(f"{CALCULATIONS_PER_MINUTE}/m"),
    include_in_schema=False,  # each calculator is listed by its own name instead
)
@public
def calculate(request: HttpRequest, nama: str) -> HttpResponse:
    """Run one calculator. No session is read, so there is nothing that a foreign page could abuse."""
    try:
        registry.describe(nama)
    except InputError as error:
        return faults(error.galat, 404)
    try:
        body = request.body
    except RequestDataTooBig:
        body = b" " * (MAX_BODY + 1)
    if len(body) > MAX_BODY:
        return faults([{"jalur": "", "pesan": _("Masukan lebih dari 1 MB; kirim sebagian demi sebagian.")}], 413)
    try:
        result = registry.run(nama, registry.load_json(body), timezone.localdate())
    except InputError as error:
        return faults(error.galat, 422)
    return JsonResponse(result, json_dumps_params={"ensure_ascii": False})


api.add_router("/rapor", "mutu.rapor.api.router")


def operations(root: NinjaAPI) -> Iterator[tuple[str, Operation]]:
    """Every operation of an API, of its routers too, with its path."""
    for router in root._get_bound_routers():
        for path, view in router.path_operations.items():
            for operation in view.operations:
                yield f"{router.prefix}{path}", operation


def checked(root: NinjaAPI) -> NinjaAPI:
    """The same API, after making sure that each operation says who may use it. Raises ImproperlyConfigured."""
    for path, operation in operations(root):
        policy = policy_of(operation.view_func)
        if policy is None:
            raise ImproperlyConfigured(f"API operation {path} has no policy; add one from mutu.satuan.access")
        if policy.kind != "umum" and not operation.auth_callbacks:
            raise ImproperlyConfigured(f"API operation {path} is not public but asks for no sign-in (auth=...)")
    return root


urls = checked(api).urls


@public
def documentation(request: HttpRequest) -> HttpResponse:
    """The API for people, made from the same OpenAPI description that programs read. No script needed."""
    schema = api.get_openapi_schema()
    listed = []
    for path, methods in schema["paths"].items():
        for method, operation in methods.items():
            content = operation.get("requestBody", {}).get("content", {}).get("application/json", {})
            example = content.get("example")
            listed.append(
                {
                    "metode": method.upper(),
                    "alamat": path,
                    "judul": operation.get("summary", ""),
                    "uraian": operation.get("description", ""),
                    "contoh": json.dumps(example, ensure_ascii=False, indent=2) if example else "",
                    "jawaban": [
                        (code, answer.get("description", "")) for code, answer in operation["responses"].items()
                    ],
                }
            )
    return render(request, "web/api.html", {"operasi": listed, "batas": CALCULATIONS_PER_MINUTE})
