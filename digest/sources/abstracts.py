"""Which of the texts of a feed entry is the paper's abstract, and where it begins and ends.

Publishers put citations, author lists and tables of contents into the same fields. `digest.sources.markup` has made
the texts plain before they come here.
"""

import re
from collections.abc import Iterable

MIN_LENGTH = 200  # anything shorter is a teaser or a citation
MAX_LENGTH = 6000  # anything longer is the article
OPENING_WORDS = 12
SAMPLE = 500  # characters that show in which kind of script a text is
MAX_MEAN_WORD = 20  # characters; more are data or noise
# Shares of words that begin with a small letter. Among the journals' texts, abstracts have at least 0.46 (German) and
# citations at most 0.27; what stands before an abstract may hold the title, too.
MIN_PROSE = 0.4
MIN_PROSE_BEFORE = 0.6

_LEAD = re.compile(r"(.{0,3000}?)\b(?:Abstract:|ABSTRACT:?|Summary:)\s+|()Abstract\s+(?=[A-Z])", re.DOTALL)
_CITATION = re.compile(r"(.{0,300}?)\bdoi:\s*(?:https?://\S+/)?10\.\S+\s+", re.IGNORECASE | re.DOTALL)
_DOI = re.compile(r"\bdoi:\s*\S+", re.IGNORECASE)
_WORD = re.compile(r"[^\W\d_]+")
_TAIL = re.compile(
    r"\s*(?:PMID:\s*\d+\s*(?:\|.*)?|HTML XML PDF|The post .{0,500} appeared first on .{0,100}\.)$", re.DOTALL
)


def abstract_of(texts: Iterable[str], title: str) -> str:
    """Return the best abstract among `texts`, "" where none of them is one."""
    found = [candidate for text in texts if _is_abstract(candidate := _core(text, title))]
    return max(found, key=lambda text: (len(text) <= MAX_LENGTH, len(text)), default="")


def opening(text: str) -> str:
    """Return the first words of `text`, to stand in for a title that is missing."""
    words = text.split()
    return " ".join(words[:OPENING_WORDS]) + ("…" if len(words) > OPENING_WORDS else "")


def _core(text: str, title: str) -> str:
    """Cut what surrounds an abstract: the citation before it, its title, the PubMed line after it."""
    text = _TAIL.sub("", text)
    for lead in (_LEAD, _CITATION):
        found = lead.match(text)
        if found and _prose(_DOI.sub("", found[1] or "")) < MIN_PROSE_BEFORE:
            text = text[found.end() :]
    return text.removeprefix(title).strip()


def _is_abstract(text: str) -> bool:
    sample = text[:SAMPLE]
    cased = sum(letter.islower() or letter.isupper() for letter in sample)
    if cased < len(sample) / 4:  # Chinese and the like say as much in half the length
        return len(text) > MIN_LENGTH / 2
    return len(text) > MIN_LENGTH and len(text) < MAX_MEAN_WORD * len(text.split()) and _prose(text) >= MIN_PROSE


def _prose(text: str) -> float:
    """Return the share of words that begin with a small letter, 0 where there are none."""
    cased = [word for word in _WORD.findall(text) if word[0].islower() or word[0].isupper()]
    return sum(word[0].islower() for word in cased) / len(cased) if cased else 0.0
