"""What somebody asks the search for: the parameters of its address, and papers that are named instead of described.

    /search?q=knowledge+transfer&order=newest&page=2

Parameters that are not known here are ignored.
"""

import re
from dataclasses import dataclass
from typing import Literal
from urllib.parse import unquote, urlencode

from django.conf import settings
from django.http import QueryDict
from django.urls import reverse

from digest.models import Paper, PaperIdentifier
from digest.models.paper_address import known_paper
from digest.sources.identifiers import arxiv_id, canonical_url, doi
from digest.sources.listing import Scheme
from digest.templatetags.papers import one_line
from digest.web.paging import page_address

LONGEST = 300  # characters of a query; `digest.ranking.clauses` says so to whoever writes more
LONGEST_ADDRESS = 2048
NO_PAGE = 0

_PAGE = re.compile(r"[1-9]\d{0,3}", re.ASCII)
_DOI_BEFORE = re.compile(r"doi:\s+", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Asked:
    """`page` counts from 1, and is NO_PAGE where what was given is no number of a page."""

    text: str
    order: Literal["best", "newest"] = "best"
    page: int = 1

    @classmethod
    def read(cls, given: QueryDict) -> "Asked":
        page = given.get("page", "1")
        return cls(
            text=" ".join(one_line(str(given.get("q", ""))).split())[: LONGEST_ADDRESS + 1],
            order="newest" if given.get("order") == "newest" else "best",
            page=int(page) if _PAGE.fullmatch(str(page)) else NO_PAGE,
        )

    def path(self, *, page: int = 1) -> str:
        """Return the one spelling of the page's address."""
        said = {"q": self.text} | ({"order": "newest"} if self.order == "newest" else {})
        return page_address(f"{reverse('search')}?{urlencode(said)}", page)

    @property
    def best_path(self) -> str:
        return Asked(self.text, "best").path()

    @property
    def newest_path(self) -> str:
        return Asked(self.text, "newest").path()

    @property
    def feed_path(self) -> str:
        return f"{reverse('search_feed')}?{urlencode({'q': self.text})}"


def named_paper(text: str) -> Paper | None:
    """Return the paper of which `text` is the arXiv id, the DOI, or the address of a page, here or elsewhere."""
    if not is_name(text) or len(text) > LONGEST_ADDRESS:
        return None
    ours = f"{settings.SITE_URL}{reverse('paper', args=['-'])}"[:-1]
    if text.startswith(ours):
        return known_paper(unquote(text.removeprefix(ours)))
    return known_paper(text) or _at_address(canonical_url(text))


def is_name(text: str) -> bool:
    """Tell whether `text` as a whole is an arXiv id, a DOI or a web address, in any spelling."""
    if arxiv_id(text) is not None or canonical_url(text) is not None:
        return True
    return doi(text) is not None and " " not in _DOI_BEFORE.sub("", text)


def _at_address(url: str | None) -> Paper | None:
    found = PaperIdentifier.objects.filter(scheme=Scheme.URL, value=url).select_related("paper") if url else None
    named = found.first() if found is not None else None
    return named.paper if named else None
