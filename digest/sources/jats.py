"""Abstracts in JATS, the XML in which publishers deposit them: paragraphs, headings and formulas as plain text."""

import re

from digest.sources.markup import plain_text

_HEADING = re.compile(
    r"\s*(?:<(?:jats:)?(?:abstract|sec)\b[^<>]{0,200}>\s*)*<(?:jats:)?(?:title|p|bold)>\s*(?:<(?:jats:)?bold>\s*)?"
    r"(?:(?:graphical |structured |english )?abstract|summary|résumé|zusammenfassung|resumen|resumo|riassunto|摘要)"
    r"\s*[.:]?\s*(?:</(?:jats:)?bold>\s*)?</(?:jats:)?(?:title|p|bold)>",
    re.IGNORECASE,
)
_HEADING_BEFORE_TEXT = re.compile(r"(?:Abstract|ABSTRACT)(?:[.:]\s*|\s+(?=[A-Z]))")
_NONE = re.compile(
    r"(?:no abstract(?: (?:is )?available)?|abstract not available|not available|n/?a|-+)?\W*", re.IGNORECASE
)
_ALTERNATIVES = re.compile(
    r"<(?:jats:)?alternatives>(?P<ways>(?:(?!</?(?:jats:)?alternatives>).){0,50000})</(?:jats:)?alternatives>",
    re.DOTALL,
)
_TEX = re.compile(r"<(?:jats:)?tex-math\b[^<>]{0,200}>(?P<tex>[^<]{0,20000})</(?:jats:)?tex-math>")
_ANNOTATION = re.compile(r"<(?:mml:)?annotation\b[^<>]{0,200}>[^<]{0,20000}</(?:mml:)?annotation>")
_DOCUMENT = re.compile(r"\\begin\{document\}(?P<formula>.{0,20000}?)\\end\{document\}", re.DOTALL)


def abstract_text(markup: str) -> str:
    """Return the text of a deposited abstract on one line, without the word "Abstract"; "" where it says there is none.

    Of a formula that is there as MathML and as TeX the MathML is read.
    """
    markup = _ALTERNATIVES.sub(_mathml, _HEADING.sub("", markup, count=1))
    text = plain_text(_ANNOTATION.sub("", _TEX.sub(_formula, markup)))
    if found := _HEADING_BEFORE_TEXT.match(text):
        text = text[found.end() :]
    return "" if _NONE.fullmatch(text) else text


def _mathml(found: re.Match[str]) -> str:
    """Return the ways to write a formula without TeX, where another one is there."""
    return _TEX.sub("", found["ways"]) if "math>" in _TEX.sub("", found["ways"]) else found["ways"]


def _formula(found: re.Match[str]) -> str:
    """Return the formula alone, where it stands in a whole TeX document."""
    document = _DOCUMENT.search(found["tex"])
    return document["formula"] if document else found["tex"]
