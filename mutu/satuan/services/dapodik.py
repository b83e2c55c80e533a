"""The kinds of import that come from Dapodik: its two lists, and its web service on the school's own network."""

from mutu.satuan.services.dapodik_lists import PupilList, TeacherList
from mutu.satuan.services.dapodik_sync import Service
from mutu.satuan.services.imports import register_kind

PUPILS, TEACHERS, SERVICE = "dapodik_peserta", "dapodik_guru", "dapodik_layanan"

register_kind(PUPILS, PupilList())
register_kind(TEACHERS, TeacherList())
register_kind(SERVICE, Service())
