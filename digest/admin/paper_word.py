"""What staff say of a paper: feature it, hide it, or take either back. Each asks for a reason, and is written down.

What follows from it is `digest.models.paper`'s.
"""

from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils import timezone

from digest.models import Paper, Submission


@dataclass(frozen=True, slots=True)
class Word:
    """`text` says what will happen, `done` what has; `reason` asks for one, where there is to be one."""

    verb: str
    title: str
    text: str
    done: str
    reason: str = ""


WORDS = {
    "feature": Word(
        "Feature…",
        "Feature a paper",
        "For a week it stands before the trending papers, on the front page and in the community part of all digests. "
        "Readers see the reason that you give.",
        "Featured",
        "Why readers should see it",
    ),
    "hide": Word(
        "Hide…",
        "Hide a paper",
        "It leaves all pages and all digests to come, and belongs to no topic any more. Mails that are out stay as "
        "they are. Only staff see the reason that you give.",
        "Hidden",
        "Why nobody should see it",
    ),
    "take-back": Word(
        "Take back…",
        "Take back what was said",
        "The paper is neither featured nor hidden any more. If it was hidden, it is matched with the topics again.",
        "Taken back",
    ),
}


class ReasonForm(forms.Form):
    reason = forms.CharField(max_length=200, widget=forms.TextInput(attrs={"class": "vTextField"}))

    def __init__(self, *args: Any, label: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["reason"].label = label


class PaperWord(admin.ModelAdmin):
    """The part of the papers' admin that features and hides."""

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.word_view)
        return [path("<int:pk>/say/<str:name>/", view, name="digest_paper_word"), *super().get_urls()]

    def words_for(self, paper: Paper) -> list[tuple[str, str]]:
        """Return the name and the verb of each word that makes sense now."""
        fits = {
            "feature": paper.withdrawn_at is None,
            "hide": paper.hidden_at is None,
            "take-back": bool(paper.featured_at or paper.hidden_at),
        }
        return [(name, word.verb) for name, word in WORDS.items() if fits[name]]

    def word_view(self, request: HttpRequest, pk: int, name: str) -> HttpResponse:
        """Ask, and do what was asked about once that is sent."""
        paper = get_object_or_404(Paper, pk=pk)
        if not self.has_change_permission(request, paper):
            raise PermissionDenied
        if name not in dict(self.words_for(paper)):
            raise Http404
        word = WORDS[name]
        sent = request.POST if request.method == "POST" else None
        form = ReasonForm(sent, label=word.reason) if word.reason else None
        if sent is None or (form and not form.is_valid()):
            return self._ask(request, paper, word, form)
        reason = form.cleaned_data["reason"] if form else ""
        self._say(paper, name, reason)
        said = f"{word.done}: {reason}" if reason else f"{word.done}."
        self.log_change(request, paper, said)
        self.message_user(request, said, messages.SUCCESS)
        return redirect("admin:digest_paper_change", pk)

    def _say(self, paper: Paper, name: str, reason: str) -> None:
        now = timezone.now()
        if name == "feature":
            Submission.objects.feature(paper, reason, now)
        elif name == "hide":
            paper.hide(reason, now)
        else:
            paper.take_back(now)

    def _ask(self, request: HttpRequest, paper: Paper, word: Word, form: ReasonForm | None) -> HttpResponse:
        context = self.admin_site.each_context(request) | {
            "title": word.title,
            "text": word.text,
            "button": word.verb.rstrip("…"),
            "form": form,
            "original": paper,
            "opts": self.opts,
        }
        return TemplateResponse(request, "admin/digest/paper/word.html", context)
