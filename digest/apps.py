"""The digest app, and the admin of the whole installation."""

from django.apps import AppConfig
from django.contrib.admin import apps as admin


class DigestConfig(AppConfig):
    default = True
    name = "digest"
    verbose_name = "Papers and digests"

    def ready(self) -> None:
        from digest.delivery import checks  # noqa: F401, PLC0415 - registering system checks needs loaded apps
        from digest.feedback import provider  # noqa: F401, PLC0415 - and so does hearing what providers report


class StaffConfig(admin.AdminConfig):
    """Django's admin, with our own front page and door."""

    default = False
    default_site = "config.admin.StaffSite"
