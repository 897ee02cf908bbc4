"""What a reader has answered to the papers of a page, for `{% say %}` and `{% vote %}`: two queries for any number."""

from collections.abc import Collection
from typing import Any

from accounts.models import Reader
from digest.models import Feedback, Vote
from digest.web.access import Access


def answers_of(reader: Reader, papers: Collection[int]) -> dict[str, Any]:
    """Return what the templates of a page need, so that `reader` can answer each of `papers`."""
    return {
        "access": Access(reader, None),
        "said": Feedback.objects.of(reader.pk, papers),
        "voted": Vote.objects.of(reader.pk, papers),
    }
