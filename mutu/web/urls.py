"""Root addresses. Each subject owns its own part."""

from django.urls import include, path

from mutu.web import views

urlpatterns = [
    path("", views.home, name="beranda"),
    path("livez", views.livez, name="livez"),
    path("readyz", views.readyz, name="readyz"),
    path("akun/", include("allauth.urls")),
    path("bahasa/", include("django.conf.urls.i18n")),
]
