"""Words of a title or an abstract, in the one form in which papers, topics and names are compared.

Papers come with LaTeX as their authors wrote it; it becomes Unicode only where it is shown (`digest.sources.latex`).
Here accents and commands of formatting are dropped, so that `\\emph{adaptive} normalization` is the phrase that people
see and `Erd\\H{o}s` is one word; other commands are words by their names, as `\\alpha` and "α" are "alpha".

The choices below were measured on the 754 papers of the three topic pages (mean average precision,
`tests/benchmarks/match_quality.py`), where what is done here reaches 0.7785. Stop words stay in place, as a fence
between word pairs; cut out, they give 0.7759. A hyphen parts two words, except after one of PREFIXES, where authors
use both spellings ("pre-training", "pretraining") and either finds both. Without the exception it is 0.7778, and with
hyphens that always join 0.7731.
"""

import re
import unicodedata
from functools import lru_cache

import Stemmer

_COMMON = (
    "a an and are as at be been but by can could do does for from had has have how if in into is it its may might more"
    " most no not of on or our such than that the their them then there these they this those through to under up upon"
    " using via was we were what when where which while who will with within without would you your"
)
STOP_WORDS = frozenset(_COMMON.split())
# Beginnings that authors write with and without a hyphen; most others they nearly always write one way.
PREFIXES = ("auto", "bi", "fine", "multi", "non", "pre", "spatio", "sub", "uni")

# Letters that no decomposition turns into their plain neighbours.
_PLAIN_LETTERS = str.maketrans(
    {"ø": "o", "ł": "l", "đ": "d", "ð": "d", "ħ": "h", "ı": "i", "æ": "ae", "œ": "oe", "þ": "th", "’": "'"}
)
_GREEK_SYMBOL = re.compile(r"(?<![α-ω])[α-ω](?![α-ω])")
_POSSESSIVE = re.compile(r"'s\b")
_INDEX = re.compile(r"[_^](?=\d)")
_PREFIX = re.compile(rf"\b({'|'.join(PREFIXES)})(?:-| (?!(?:{'|'.join(STOP_WORDS)})\b))(?=[a-z]{{3}})")
_TEX_ACCENT = re.compile(r"\{?\\(?:[\"'`^~=.]\{?|[bcdhkruv](?:\{| ))\\?([^\W\d_])\}?\}?")
_TEX_FORMAT = (
    r"\\(?:text(?:bf|it|tt|sc|rm|sf|sl|normal)?|math(?:bb|bf|cal|frak|it|rm|scr|sf|tt)|bf|bm|boldsymbol|em|emph|it|mbox"
    r"|operatorname|rm|sc|sf|sl|tt|underline)"
)
_TEX_FORMATTED = re.compile(rf"{_TEX_FORMAT} ?\{{([^{{}}]*)\}}")
_TEX_SWITCH = re.compile(rf"{_TEX_FORMAT}(?![a-z])")
_WORD = re.compile(r"[^\W_]+")
_STEMMER = Stemmer.Stemmer("english", 0)  # its own cache is smaller and slower than the one below


def fold(text: str) -> str:
    """Return `text` without case, accents and typographic variants: "Łukasz Müller" is "lukasz muller"."""
    text = text.casefold()
    if text.isascii():
        return text
    parts = unicodedata.normalize("NFKD", text.translate(_PLAIN_LETTERS)).casefold()
    kept = "".join(char for char in parts if not unicodedata.combining(char))
    return _GREEK_SYMBOL.sub(_greek_name, unicodedata.normalize("NFC", kept))


def words(text: str) -> list[str]:
    """Return the folded words of `text` in order, stop words included."""
    plain = _POSSESSIVE.sub("", fold(text))
    if "\\" in plain:
        plain = _without_tex(plain)
    return _WORD.findall(_INDEX.sub("", _PREFIX.sub(r"\1", plain)))


def tokens(text: str) -> list[str]:
    """Return the stems of `text` in order; a stop word stays in its place as "_of".

    So a phrase can be compared word for word, and no word pair reaches across a stop word.
    """
    return [stem(word) for word in words(text)]


@lru_cache(maxsize=2**17)
def stem(word: str) -> str:
    """Return the stem of a folded word, or the word behind "_" if it is a stop word."""
    if word in STOP_WORDS:
        return f"_{word}"
    return str(_STEMMER.stemWord(word))


def is_term(token: str) -> bool:
    """Tell whether a token counts as a word of content."""
    return not token.startswith("_")


def _without_tex(folded: str) -> str:
    """Drop accents and commands of formatting; their braces part no word, as in `\\textbf{L}earning`."""
    plain = _TEX_FORMATTED.sub(r"\1", _TEX_ACCENT.sub(r"\1", folded))
    return _TEX_SWITCH.sub("", plain)


def _greek_name(symbol: re.Match[str]) -> str:
    """Name a single Greek letter, a mathematical symbol, as people type it: "β" is "beta"."""
    return unicodedata.name(symbol[0]).rpartition(" ")[2].lower()
