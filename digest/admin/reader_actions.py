"""What staff can do to readers, from the list or from a reader's own page. Each writes the log of each reader.

What cannot be undone, or mails somebody, asks first. Nothing here brings back a reader who left.
"""

from collections.abc import Sequence
from typing import Any, cast

from django.contrib import admin, messages
from django.contrib.admin.models import DELETION, LogEntry
from django.contrib.contenttypes.models import ContentType
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils import timezone

from accounts.models import Reader
from digest.admin.reader_questions import QUESTIONS, NoteForm, Question
from digest.admin.staff import is_superuser, log_changes
from digest.delivery import ledger
from digest.feedback.erase import SOMEBODY, erase_reader, is_needed
from digest.feedback.export import as_json_text, export_reader, filename
from digest.feedback.signup import ask_again
from digest.models import Digest, Suppression

AT_ONCE = 1000  # readers at most that one action takes
ERASED_AT_ONCE = 100


def may_touch(request: HttpRequest, reader: Reader | None) -> bool:
    return reader is None or not reader.is_staff or is_superuser(request)


class ReaderActions(admin.ModelAdmin):
    """The part of the readers' admin that acts."""

    actions = ("pause", "resume", "suppress", "confirm_again", "send_again", "export", "erase")

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

    @admin.action(description="Send the confirmation again", permissions=["change"])
    def confirm_again(self, request: HttpRequest, readers: QuerySet[Reader]) -> HttpResponse | None:
        """Ask those who have not confirmed: by one mail a day at most, whoever asks."""
        chosen = self._chosen(request, readers)
        pending = [reader for reader in chosen if reader.state == Reader.State.PENDING and reader.is_active]
        stopped = Suppression.objects.among([reader.email for reader in pending])
        asked = [reader for reader in pending if reader.email not in stopped and ask_again(reader, timezone.now())]
        others = "have confirmed, must not be mailed, or had this mail within a day"
        return self._done(request, "Confirmation sent again", asked, chosen, others=others)

    @admin.action(description="Send today's digest again…", permissions=["change"])
    def send_again(self, request: HttpRequest, readers: QuerySet[Reader]) -> HttpResponse | None:
        chosen = self._chosen(request, readers)
        if chosen and "sure" not in request.POST:
            return self._ask(request, QUESTIONS["send_again"], chosen)
        stopped = Suppression.objects.among([reader.email for reader in chosen])
        mailed = [reader for reader in chosen if reader.state == Reader.State.ACTIVE and reader.email not in stopped]
        again = ledger.send_again(Digest.objects.filter(reader__in=mailed), timezone.now())
        whose = {digest.reader_id for digest in again}
        sent = [reader for reader in mailed if reader.pk in whose]
        others = "get no mail, or have no digest of today that was mailed"
        return self._done(request, "Today's digest sent again", sent, chosen, others=others)

    @admin.action(description="Export all that is known of one reader (JSON)", permissions=["export"])
    def export(self, request: HttpRequest, readers: QuerySet[Reader]) -> HttpResponse | None:
        chosen = self._chosen(request, readers)
        if len(chosen) != 1:
            self.message_user(request, "Choose one reader: an export is a person's own.", messages.ERROR)
            return self._back(request)
        log_changes(request, chosen, "Exported.")
        headers = {"Content-Disposition": f'attachment; filename="{filename(timezone.now())}"'}
        text = as_json_text(export_reader(chosen[0]))
        return HttpResponse(text, content_type="application/json; charset=utf-8", headers=headers)

    @admin.action(description="Erase all that is known of them…", permissions=["delete"])
    def erase(self, request: HttpRequest, readers: QuerySet[Reader]) -> HttpResponse | None:
        chosen = self._chosen(request, readers, most=ERASED_AT_ONCE)
        if chosen and "sure" not in request.POST:
            return self._ask(request, QUESTIONS["erase"], chosen)
        goes = [reader for reader in chosen if self.has_delete_permission(request, reader)]
        for reader in goes:
            self.delete_model(request, reader)
        if chosen:
            self.message_user(request, f"Erased: {len(goes)} of {len(chosen)}.", messages.SUCCESS)
        return None

    def delete_model(self, request: HttpRequest, obj: Reader) -> None:
        """Erase, whichever button was pressed; the log keeps that somebody was erased, and not who."""
        key = obj.pk
        erase_reader(obj)
        LogEntry.objects.create(
            user=cast("Reader", request.user),
            content_type=ContentType.objects.get_for_model(Reader),
            object_id=str(key),
            object_repr=SOMEBODY,
            action_flag=DELETION,
            change_message="Erased.",
        )

    def log_deletions(self, request: HttpRequest, queryset: Any) -> list[LogEntry]:
        """Leave this to `delete_model`: what Django would write here names who is gone."""
        return []

    def has_delete_permission(self, request: HttpRequest, obj: Reader | None = None) -> bool:
        """Nobody erases the last superuser, nor themselves: for that there is the reader's own page."""
        allowed = super().has_delete_permission(request, obj) and may_touch(request, obj)
        return allowed and (obj is None or (obj != request.user and not is_needed(obj)))

    def get_buttons(self, request: HttpRequest, reader: Reader) -> list[tuple[str, str]]:
        """Return (action, verb) for each action that makes sense for this reader."""
        state = Reader.State(reader.state)
        verbs = {
            "pause": ("Pause", state == Reader.State.ACTIVE),
            "resume": ("Resume", state == Reader.State.PAUSED),
            "confirm_again": ("Send the confirmation again", state == Reader.State.PENDING),
            "send_again": ("Send today's digest again…", state == Reader.State.ACTIVE),
            "suppress": ("Suppress…", True),
            "export": ("Export", True),
            "erase": ("Erase…", self.has_delete_permission(request, reader)),
        }
        allowed = self.get_actions(request) if self.has_view_permission(request) else {}
        return [(name, verb) for name, (verb, fits) in verbs.items() if fits and name in allowed]

    def _chosen(self, request: HttpRequest, readers: QuerySet[Reader], *, most: int = AT_ONCE) -> list[Reader]:
        """Return the chosen readers whom this member of staff may touch; none where they are too many at once."""
        if not is_superuser(request):
            readers = readers.filter(is_staff=False)
        chosen = list(readers[: most + 1])
        if len(chosen) > most:
            said = f"This takes {most:,} readers at most. Narrow the list; nothing has changed."
            self.message_user(request, said, messages.ERROR)
            return []
        if not chosen:
            self.message_user(request, "Nothing has changed: staff are for superusers alone.", messages.WARNING)
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
        log_changes(request, changed, f"{done}: {note}" if note else f"{done}.")
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
