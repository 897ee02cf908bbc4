"""What staff can do to readers, from the list or from a reader's own page. Each writes the log of each reader.

What cannot be undone, or mails somebody, asks first. Nothing here brings back a reader who left.
"""

from collections.abc import Sequence
from typing import Any, cast

from django.contrib import admin, messages
from django.contrib.admin.models import CHANGE, LogEntry
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse

from accounts.models import Reader
from digest.admin.reader_questions import QUESTIONS, NoteForm, Question
from digest.models import Suppression

AT_ONCE = 1000  # readers at most that one action takes


class ReaderActions(admin.ModelAdmin):
    """The part of the readers' admin that acts."""

    actions = ("pause", "resume", "suppress")

    @admin.action(description="Pause: no digests until resumed", permissions=["change"])
    def pause(self, request: HttpRequest, readers: QuerySet[Reader]) -> HttpResponse | None:
        chosen = self._chosen(request, readers)
        active = [reader for reader in chosen if reader.state == Reader.State.ACTIVE]
        Reader.objects.filter(pk__in=[reader.pk for reader in active]).pause()
        return self._done(request, "Paused", active, chosen, others="were not getting digests")

    @admin.action(description="Resume paused readers", permissions=["change"])
    def resume(self, request: HttpRequest, readers: QuerySet[Reader]) -> HttpResponse | None:
        chosen = self._chosen(request, readers)
        paused = [reader for reader in chosen if reader.state == Reader.State.PAUSED]
        Reader.objects.filter(pk__in=[reader.pk for reader in paused]).resume()
        return self._done(request, "Resumed", paused, chosen, others="were not paused")

    @admin.action(description="Suppress: never mail the address…", permissions=["change"])
    def suppress(self, request: HttpRequest, readers: QuerySet[Reader]) -> HttpResponse | None:
        chosen = self._chosen(request, readers)
        form = NoteForm(request.POST if "sure" in request.POST else None)
        if chosen and not form.is_valid():
            return self._ask(request, QUESTIONS["suppress"], chosen, form)
        known = Suppression.objects.among([reader.email for reader in chosen])
        fresh = [reader for reader in chosen if reader.email not in known]
        note = form.cleaned_data["note"] if fresh else ""
        Suppression.objects.suppress_all([reader.email for reader in fresh], Suppression.Reason.STAFF, note)
        return self._done(request, "Suppressed", fresh, chosen, others="were suppressed already", note=note)

    def get_buttons(self, request: HttpRequest, reader: Reader) -> list[tuple[str, str]]:
        """Return (action, verb) for each action that makes sense for this reader."""
        verbs = {
            "pause": ("Pause", reader.state == Reader.State.ACTIVE),
            "resume": ("Resume", reader.state == Reader.State.PAUSED),
            "suppress": ("Suppress…", True),
        }
        allowed = self.get_actions(request)
        return [(name, verb) for name, (verb, fits) in verbs.items() if fits and name in allowed]

    def _chosen(self, request: HttpRequest, readers: QuerySet[Reader]) -> list[Reader]:
        """Return the chosen readers; none where they are more than an action should take at once."""
        chosen = list(readers[: AT_ONCE + 1])
        if len(chosen) > AT_ONCE:
            said = f"An action takes {AT_ONCE:,} readers at most. Narrow the list; nothing has changed."
            self.message_user(request, said, messages.ERROR)
            return []
        return chosen

    def _ask(
        self, request: HttpRequest, question: Question, chosen: Sequence[Reader], form: NoteForm | None = None
    ) -> HttpResponse:
        context = self.admin_site.each_context(request) | {
            "title": question.title,
            "question": question,
            "chosen": chosen,
            "form": form,
            "opts": self.opts,
            "back": request.POST.get("back", ""),
            "media": self.media,
        }
        return TemplateResponse(request, "admin/digest/reader/ask.html", context)

    def _done(
        self,
        request: HttpRequest,
        done: str,
        changed: list[Reader],
        chosen: list[Reader],
        *,
        others: str,
        note: str = "",
    ) -> HttpResponse | None:
        """Tell staff what was done to how many, write it into the log of each, and lead back to where it began."""
        said = f"{done}: {note}" if note else f"{done}."
        LogEntry.objects.log_actions(cast("Reader", request.user).pk, changed, CHANGE, said)
        if chosen:
            rest = f" The others {others}." if len(changed) < len(chosen) else ""
            level = messages.SUCCESS if changed else messages.WARNING
            self.message_user(request, f"{done}: {len(changed)} of {len(chosen)}.{rest}", level)
        return self._back(request)

    def _back(self, request: HttpRequest) -> HttpResponse | None:
        back = request.POST.get("back", "")
        return redirect("admin:accounts_reader_change", back) if back.isdecimal() else None

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        actions = super().get_actions(request)
        actions.pop("delete_selected", None)
        return actions
