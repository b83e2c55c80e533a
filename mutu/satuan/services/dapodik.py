"""The kinds of import that come from Dapodik: its two lists, and its web service on the school's own network."""

from mutu.satuan.services.dapodik_lists import PupilList, TeacherList
from mutu.satuan.services.imports import register_kind

PUPILS, TEACHERS = "dapodik_peserta", "dapodik_guru"

register_kind(PUPILS, PupilList())
register_kind(TEACHERS, TeacherList())
