"""Root addresses. Each subject owns its own part."""

from django.urls import include, path

from mutu.rapor.views import bukti
from mutu.web import api, calculator_pages, views

urlpatterns = [
    path("", views.home, name="beranda"),
    path("livez", views.livez, name="livez"),
    path("readyz", views.readyz, name="readyz"),
    path("akun/demo-masuk", views.demo_sign_in, name="demo-masuk"),
    path("akun/", include("allauth.account.urls")),
    path("akun/3rdparty/", include("allauth.socialaccount.urls")),
    path("akun/", include("allauth.socialaccount.providers.openid_connect.urls")),
    path("bahasa/", include("django.conf.urls.i18n")),
    path("kalkulator/", calculator_pages.index, name="kalkulator"),
    path("kalkulator/<str:nama>", calculator_pages.page, name="kalkulator-satu"),
    path("api/", api.documentation, name="api-dok"),
    path("api/v1/", api.urls),
    path("rapor/", include("mutu.rapor.urls")),
    path("kinerja/", include("mutu.kinerja.urls")),
    # Short, and outside the subject: printed in a QR code and typed by hand.
    path("cek/", bukti.check_form, name="cek"),
    path("cek/<str:nomor>", bukti.check, name="cek-nomor"),
    path("", include("mutu.satuan.urls")),
]
