"""Hosts in the admin: how often a server may be asked, and until when it is left alone."""

import re

from django.contrib import admin
from django.core.exceptions import ValidationError

from digest.admin.dated import DatedForm
from digest.models import Host
from digest.models.host import ANY

_HOST = re.compile(r"[\w.-]+", re.ASCII)


class HostForm(DatedForm):
    def clean_name(self) -> str:
        """Take a host by its name alone, as sources' addresses give it."""
        name: str = self.cleaned_data["name"].strip().lower()
        if name != ANY and not _HOST.fullmatch(name):
            raise ValidationError("Write the host alone, such as rss.arxiv.org, without https:// or a path.")
        return name


@admin.register(Host)
class HostAdmin(admin.ModelAdmin):
    form = HostForm
    list_display = ("name", "pause", "closed_until")
    fields = ("name", "gap_seconds", "closed_until")
    search_fields = ("name",)
    ordering = ("name",)

    @admin.display(description="seconds between requests", ordering="gap_seconds")
    def pause(self, host: Host) -> str:
        return "as for every other host" if host.gap_seconds is None else f"{host.gap_seconds:g}"
