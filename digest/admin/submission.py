"""What readers submit: a list that begins with who has waited longest, and an answer to each, with a word.

Featuring is `Paper.feature`, as on the paper's own page; the paper of what is declined stays as it is.
"""

from dataclasses import dataclass
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from digest.admin.lists import ManyRows
from digest.admin.paper_word import ReasonForm
from digest.models import Submission


@dataclass(frozen=True, slots=True)
class Answer:
    """`text` says what will happen, `done` what has; `asks` is the label of the word."""

    verb: str
    title: str
    text: str
    done: str
    asks: str


ANSWERS = {
    "feature": Answer(
        "Feature…",
        "Feature what a reader submitted",
        "For a week the paper stands before the trending papers, on the front page and in the community part of all "
        "digests. Everybody sees the reason that you give, and nobody who submitted it.",
        "Featured",
        "Why readers should see it",
    ),
    "decline": Answer(
        "Decline…",
        "Decline what a reader submitted",
        "The paper stays in the library, where it can be found and voted for; to take it off the pages, hide it on its "
        "own page. Only the reader who submitted it sees the word that you give.",
        "Declined",
        "What the reader should know",
    ),
}


class StateFilter(admin.SimpleListFilter):
    title = "answer"
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin) -> list[tuple[str, str]]:
        return list(Submission.State.choices)

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        value = self.value()
        return queryset.filter(state=value) if value in Submission.State.values else queryset


@admin.register(Submission)
class SubmissionAdmin(ManyRows):
    change_form_template = "admin/digest/submission/change_form.html"
    list_display = ("titled", "state", "reader", "why", "submitted_at")
    list_filter = (StateFilter,)
    list_select_related = ("paper", "reader")
    search_fields = ("paper__identifiers__value",)
    search_help_text = "an arXiv id, a DOI or the address of the paper's page, whole or the beginning"
    fields = ("paper_page", "reader", "said", "state", "word", "submitted_at", "decided_at")
    readonly_fields = fields

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.answer_view)
        return [path("<int:pk>/answer/<str:name>/", view, name="digest_submission_answer"), *super().get_urls()]

    def get_ordering(self, request: HttpRequest) -> tuple[str, ...]:
        """Show first who waits, the longest before the others: by their names, the states stand in that order."""
        return ("-state", "submitted_at", "pk")

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        wanted = search_term.strip().lower()[:400].replace("\0", "")
        if not wanted:
            return queryset, False
        return queryset.filter(paper__identifiers__value__startswith=wanted), True

    @admin.display(description="paper")
    def titled(self, submission: Submission) -> SafeString:
        return format_html('<span class="brief" title="{0}">{0}</span>', submission.paper.title)

    @admin.display(description="why")
    def why(self, submission: Submission) -> SafeString:
        return format_html('<span class="brief" title="{0}">{0}</span>', submission.said)

    @admin.display(description="paper")
    def paper_page(self, submission: Submission) -> SafeString:
        address = reverse("admin:digest_paper_change", args=[submission.paper_id])
        return format_html('<a href="{}">{}</a>', address, submission.paper.title)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Submission | None = None) -> bool:
        return False

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        submission: Submission = context["original"]
        may = self.has_change_permission(request, submission)
        context |= {
            "paper": submission.paper,
            "answers": self.answers_for(submission) if may else [],
            "show_save": False,
            "show_save_and_continue": False,
        }
        return super().render_change_form(request, context, *args, **kwargs)

    def answers_for(self, submission: Submission) -> list[tuple[str, str]]:
        """Return the name and the verb of each answer that makes sense now."""
        fits = {
            "feature": submission.is_waiting and submission.paper.withdrawn_at is None,
            "decline": submission.is_waiting,
        }
        return [(name, answer.verb) for name, answer in ANSWERS.items() if fits[name]]

    def answer_view(self, request: HttpRequest, pk: int, name: str) -> HttpResponse:
        """Ask for the word, and answer once it is sent."""
        submission = get_object_or_404(Submission.objects.select_related("paper"), pk=pk)
        if not self.has_change_permission(request, submission):
            raise PermissionDenied
        if name not in dict(self.answers_for(submission)):
            raise Http404
        answer = ANSWERS[name]
        form = ReasonForm(request.POST if request.method == "POST" else None, label=answer.asks)
        if not form.is_valid():
            return self._ask(request, submission, answer, form)
        word, now = form.cleaned_data["reason"], timezone.now()
        if name == "feature":
            submission.feature(word, now)
        else:
            submission.decline(word, now)
        self.log_change(request, submission, f"{answer.done}: {word}")
        self.message_user(request, f"{answer.done}: {word}", messages.SUCCESS)
        return redirect("admin:digest_submission_changelist")

    def _ask(self, request: HttpRequest, submission: Submission, answer: Answer, form: ReasonForm) -> HttpResponse:
        context = self.admin_site.each_context(request) | {
            "title": answer.title,
            "text": answer.text,
            "button": answer.verb.rstrip("…"),
            "form": form,
            "original": submission,
            "said": submission.said,
            "opts": self.opts,
        }
        return TemplateResponse(request, "admin/digest/submission/answer.html", context)
