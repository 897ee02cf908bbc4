"""A paper as it is cited: as BibTeX, and as a line of plain text.

pylatexenc writes what TeX would take for its own, and accents, as commands. A title comes with its mathematics as
Unicode first, so that nothing in it can be half a formula; its braces become commands too, as BibTeX counts braces.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from pylatexenc.latexencode import RULE_DICT, UnicodeToLatexConversionRule, UnicodeToLatexEncoder

from digest.models import Paper
from digest.ranking.authors import parse_name
from digest.ranking.text import STOP_WORDS, fold
from digest.sources.listing import Scheme
from digest.templatetags.papers import listed, one_line, readable, weblink

MEDIA_TYPE = "application/x-bibtex; charset=utf-8"
MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
SHORTEST_WORD = 4  # of the title, to stand in the key
MOST_NAMED, FIRST_NAMED = 6, 3  # authors in plain text: all of a few, or the first ones of many
_BRACES = {ord("{"): r"{\textbraceleft}", ord("}"): r"{\textbraceright}"}
_TEX = UnicodeToLatexEncoder(
    conversion_rules=[UnicodeToLatexConversionRule(RULE_DICT, _BRACES), "defaults"],
    unknown_char_policy="keep",
    unknown_char_warning=False,
)
_NO_KEY = re.compile("[^a-z0-9]")
_CATEGORY = re.compile(r"[a-z-]+(\.[A-Za-z-]+)?")
_NOBODY = re.compile(
    r"\b(and|collaborations?|consortium|team|group|committee|initiative|project)\b|,.*,", re.IGNORECASE
)
_UNQUOTED = str.maketrans({"{": "%7B", "}": "%7D", "\\": "%5C"})  # in addresses, which are written as they are


@dataclass(frozen=True, slots=True)
class Citation:
    key: str
    bibtex: str
    text: str

    @property
    def filename(self) -> str:
        return f"{self.key}.bib"


def cite(paper: Paper, names: Mapping[str, str], *, page: str) -> Citation:
    """Return how `paper` is cited; `names` are its identifiers by scheme, `page` its address where it has none."""
    day = _day(paper)
    key = _key(paper, day)
    url = _url(paper, names) or page
    fields = {
        "title": f"{{{_tex(readable(paper.title))}}}",  # braces twice: styles leave its capitals alone
        "author": _authors(paper),
        "journal": _tex(readable(paper.venue)),
        "eprint": names.get(Scheme.ARXIV, ""),
        "archivePrefix": "arXiv" if Scheme.ARXIV in names else "",
        "primaryClass": _primary_class(paper) if Scheme.ARXIV in names else "",
        "doi": names.get(Scheme.DOI, "").translate(_UNQUOTED),
        "url": url.translate(_UNQUOTED),
        "year": str(day.year),
    }
    lines = [f"  {name} = {{{value}}}," for name, value in fields.items() if value]
    lines.append(f"  month = {MONTHS[day.month - 1]},")
    bibtex = "\n".join([f"@{'article' if paper.venue else 'misc'}{{{key},", *lines, "}", ""])
    return Citation(key, bibtex, _plain(paper, names, day, url))


def _day(paper: Paper) -> date:
    """Return when it came out: what was submitted somewhere is of that day, unless a journal has it."""
    if paper.submitted_at and not paper.venue:
        return paper.submitted_at.date()
    return paper.announced_on or (paper.submitted_at or paper.created_at).date()


def _key(paper: Paper, day: date) -> str:
    """Return a key like "lindqvist2026adaptive"."""
    family = _NO_KEY.sub("", parse_name(paper.authors[0]).last) if paper.authors else ""
    words = [plain for word in fold(readable(paper.title)).split() if (plain := _NO_KEY.sub("", word))]
    telling = [word for word in words if word not in STOP_WORDS]
    first = next((word for word in telling if len(word) >= SHORTEST_WORD), "".join(telling[:1] or words[:1]))
    return f"{family or 'paper'}{day.year}{first[:40]}"


def _url(paper: Paper, names: Mapping[str, str]) -> str:
    if Scheme.DOI in names and paper.venue:
        return f"https://doi.org/{names[Scheme.DOI]}"
    if Scheme.ARXIV in names:
        return f"https://arxiv.org/abs/{names[Scheme.ARXIV]}"
    return weblink(paper.url)


def _authors(paper: Paper) -> str:
    """Return the names as BibTeX parts them; what is no person's name stays in one piece."""
    names = [one_line(name) for name in paper.authors]
    written = [f"{{{_tex(name)}}}" if _NOBODY.search(name) else _tex(name) for name in names]
    if written and paper.author_count > len(written):
        written.append("others")
    return " and ".join(written)


def _tex(text: str) -> str:
    return str(_TEX.unicode_to_latex(text))


def _primary_class(paper: Paper) -> str:
    first = str(paper.categories[0]) if paper.categories else ""
    return first if _CATEGORY.fullmatch(first) else ""


def _plain(paper: Paper, names: Mapping[str, str], day: date, url: str) -> str:
    arxiv = f"arXiv:{names[Scheme.ARXIV]}" if Scheme.ARXIV in names else ""
    place = ", ".join(filter(None, [readable(paper.venue), arxiv, str(day.year)]))
    who = _who([one_line(name) for name in paper.authors], paper.author_count)
    parts = [part if part[-1] in ".?!" else f"{part}." for part in (who, readable(paper.title), place) if part]
    return " ".join([*parts, url])


def _who(names: list[str], count: int) -> str:
    if max(count, len(names)) > MOST_NAMED:
        return f"{', '.join(names[:FIRST_NAMED])} et al."
    return listed(names, MOST_NAMED, len(names))
