"""The digest app."""

from django.apps import AppConfig


class DigestConfig(AppConfig):
    name = "digest"
    verbose_name = "Papers and digests"

    def ready(self) -> None:
        from digest.delivery import checks  # noqa: F401, PLC0415 - registering system checks needs loaded apps
        from digest.feedback import provider  # noqa: F401, PLC0415 - and so does hearing what providers report
