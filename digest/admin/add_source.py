"""Adding sources in the admin: from the catalogue by ticking, or any address once it has been looked at.

Pages are shown by GET and change nothing; fetching and adding are POSTs. What is confirmed is what was shown: the
preview signs it.
"""

from dataclasses import asdict, replace
from itertools import groupby
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core import signing
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils import timezone

from digest.ingest.preview import Preview, preview
from digest.ingest.switch_on import Outcome, move, switch_on
from digest.models import Source
from digest.sources.catalogue import CATALOGUE, Entry, NotInCatalogue, find, search

PREVIEW_SECONDS = 3600  # after which it must be looked at once more
_SALT = "digest.admin.add_source"


class AddressForm(forms.Form):
    url = forms.CharField(
        label="Address",
        max_length=2048,
        widget=forms.TextInput(attrs={"type": "url", "class": "vURLField", "placeholder": "https://"}),
        help_text="An RSS, Atom or RDF feed, or the address of an API of the kinds below.",
    )
    kind = forms.ChoiceField(
        required=False,
        choices=[("", "told by what is there"), *Source.Kind.choices],
        help_text="Only a few servers need it said.",
    )


class AddSource(admin.ModelAdmin):
    """The part of the sources' admin that adds them."""

    def get_urls(self) -> list[URLPattern]:
        views = {
            "add/catalogue/": ("switch_on", self.switch_on_view),
            "add/preview/": ("preview", self.preview_view),
            "add/confirm/": ("confirm", self.confirm_view),
            "<int:pk>/preview/": ("preview_of", self.preview_view),
        }
        own = [
            path(route, self.admin_site.admin_view(view), name=f"digest_source_{name}")
            for route, (name, view) in views.items()
        ]
        return own + super().get_urls()

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Show both ways to add sources. The form that Django would take here knows no preview, and is refused."""
        self._require(self.has_add_permission(request))
        if request.method not in ("GET", "HEAD"):
            return HttpResponseNotAllowed(["GET", "HEAD"])
        return self._add_page(request, AddressForm())

    def _add_page(self, request: HttpRequest, form: AddressForm) -> HttpResponse:
        words = request.GET.get("q", "").strip()
        states = dict(Source.objects.filter(url__in=[entry.url for entry in CATALOGUE]).values_list("url", "is_active"))
        listed = [(entry, states.get(entry.url)) for entry in search(words)]
        groups = [(group, list(rows)) for group, rows in groupby(listed, key=lambda row: row[0].group)]
        context = {"title": "Add sources", "form": form, "words": words, "groups": groups}
        return self._page(request, "add", context)

    def switch_on_view(self, request: HttpRequest) -> HttpResponse:
        """Switch on what was ticked in the catalogue."""
        self._require(self.has_add_permission(request))
        if request.method != "POST":
            return redirect("admin:digest_source_add")
        counts = dict.fromkeys(Outcome, 0)
        for name in request.POST.getlist("name"):
            try:
                counts[self._switch_on(request, find(name))] += 1
            except NotInCatalogue as error:
                messages.error(request, str(error))
        if not any(counts.values()):
            messages.warning(request, "Nothing was ticked, so nothing has changed.")
            return redirect("admin:digest_source_add")
        said = ", ".join(f"{count} {outcome}" for outcome, count in counts.items() if count)
        messages.success(request, f"Of the catalogue: {said}. What is new is fetched at the next minute.")
        return redirect("admin:digest_source_changelist")

    def preview_view(self, request: HttpRequest, pk: int | None = None) -> HttpResponse:
        """Fetch an address and show what it would bring: to a new source, or to the source `pk`."""
        source = get_object_or_404(Source, pk=pk) if pk else None
        self._require(self.has_change_permission(request, source) if source else self.has_add_permission(request))
        if request.method != "POST":
            return redirect("admin:digest_source_change", pk) if pk else redirect("admin:digest_source_add")
        form = AddressForm(request.POST)
        if not form.is_valid():
            return self._add_page(request, form)
        url, kind = form.cleaned_data["url"], form.cleaned_data["kind"] or None
        if source and url == source.url:
            kind = source.kind
        return self._preview_page(request, preview(url, kind=kind), source)

    def _preview_page(self, request: HttpRequest, found: Preview, source: Source | None) -> HttpResponse:
        context = {
            "title": "Preview",
            "found": found,
            "kind": Source.Kind(found.kind).label if found.kind else "",
            "source": source,
            "is_own": source is not None and found.known == source,
            "token": signing.dumps([asdict(found.entry), source.pk if source else None], salt=_SALT),
            "form": AddressForm(initial={"url": found.url}),
        }
        return self._page(request, "preview", context)

    def confirm_view(self, request: HttpRequest) -> HttpResponse:
        """Add what a preview has shown, or let a source take its address."""
        if request.method != "POST":
            return redirect("admin:digest_source_add")
        try:
            stated, pk = signing.loads(request.POST.get("token", ""), salt=_SALT, max_age=PREVIEW_SECONDS)
        except signing.BadSignature as error:
            is_old = isinstance(error, signing.SignatureExpired)
            what = "is more than an hour old" if is_old else "cannot be used"
            messages.error(request, f"This preview {what}. Preview the address again.")
            return redirect("admin:digest_source_add")
        entry = Entry(**stated)
        if pk:
            return self._move(request, get_object_or_404(Source, pk=pk), entry)
        self._require(self.has_add_permission(request))
        name = request.POST.get("name", "").strip()[:200]
        outcome = self._switch_on(request, replace(entry, name=name or entry.name))
        messages.success(request, f"{name or entry.name}: {outcome}. What is new is fetched at the next minute.")
        return redirect("admin:digest_source_changelist")

    def _switch_on(self, request: HttpRequest, entry: Entry) -> Outcome:
        source, outcome = switch_on(entry, timezone.now())
        if outcome is Outcome.ADDED:
            self.log_addition(request, source, "Added.")
        elif outcome is Outcome.ENABLED:
            self.log_change(request, source, "Switched on.")
        return outcome

    def _move(self, request: HttpRequest, source: Source, entry: Entry) -> HttpResponse:
        self._require(self.has_change_permission(request, source))
        if Source.objects.filter(url=entry.url).exclude(pk=source.pk).exists():
            messages.error(request, "Another source has this address already.")
        else:
            before = source.url
            move(source, url=entry.url, kind=entry.kind, now=timezone.now())
            self.log_change(request, source, f"Address changed from {before} to {source.url}.")
            messages.success(request, f"{source} is fetched at its new address from the next minute on.")
        return redirect("admin:digest_source_change", source.pk)

    def _page(self, request: HttpRequest, name: str, context: dict[str, Any]) -> HttpResponse:
        common = self.admin_site.each_context(request) | {"opts": self.opts}
        return TemplateResponse(request, f"admin/digest/source/{name}.html", common | context)

    def _require(self, is_allowed: bool) -> None:
        if not is_allowed:
            raise PermissionDenied
