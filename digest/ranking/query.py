"""The topic query language: what a reader types becomes a Query, or an error that says how to write it.

    knowledge transfer            papers about these words; any may match, the more the better
    "instance normalization"      must stand together in the paper; words beside a phrase only add to the score
    -survey  -"case study"        leaves papers with it out
    cat:cs.CL  cat:cs             in this category, in this whole archive; several are alternatives
    author:"Jane Doe"             by this author; several are alternatives; also "Doe, Jane", "J. Doe", doe

Text, category and author must all hold. Equivalent queries have one canonical spelling, so their readers share a topic.
The order of bare words is kept, because two that stand next to each other count as a pair.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from digest.ranking.authors import canonical_name
from digest.ranking.clauses import EXAMPLES, MAX_LENGTH, Clause, QueryError, read_clauses
from digest.ranking.text import PREFIXES, is_term, stem, tokens, words

__all__ = ["Query", "QueryError", "parse_query", "plain_query"]

_ARXIV_CATEGORY = re.compile(r"([a-z]+(?:-[a-z]+)?)(?:\.([a-z]+(?:-[a-z]+)?|\*))?", re.IGNORECASE)
_SUBJECT_CODE = 2  # letters: cs.CL, math.AG; the subjects of physics are words, as in cond-mat.soft


@dataclass(frozen=True, slots=True)
class Query:
    """One interest. All parts are folded and without doubles; all but `words` are sorted."""

    words: tuple[str, ...] = ()
    phrases: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    authors: tuple[str, ...] = ()
    excluded_words: tuple[str, ...] = ()
    excluded_phrases: tuple[str, ...] = ()
    excluded_categories: tuple[str, ...] = ()
    excluded_authors: tuple[str, ...] = ()

    @property
    def kind(self) -> Literal["text", "category", "author"]:
        if self.words or self.phrases or (self.categories and self.authors):
            return "text"
        return "author" if self.authors else "category"

    @property
    def canonical(self) -> str:
        """The one spelling of all equivalent queries; parsing it gives this query again."""
        asked = [*self.words, *(f'"{phrase}"' for phrase in self.phrases)]
        asked += [f"cat:{_quoted(name)}" for name in self.categories]
        asked += [f"author:{_quoted(name)}" for name in self.authors]
        left_out = [*self.excluded_words, *(f'"{phrase}"' for phrase in self.excluded_phrases)]
        left_out += [f"cat:{_quoted(name)}" for name in self.excluded_categories]
        left_out += [f"author:{_quoted(name)}" for name in self.excluded_authors]
        return " ".join([*asked, *(f"-{clause}" for clause in left_out)])


def parse_query(text: str) -> Query:
    """Read what a reader typed; raises QueryError."""
    clauses = read_clauses(text)
    asked = [clause for clause in clauses if not clause.excluded]
    left_out = [clause for clause in clauses if clause.excluded]
    phrases = [_spelled(clause) for clause in left_out if not clause.prefix]
    query = Query(
        words=_bare_words([clause.value for clause in asked if not (clause.prefix or clause.quoted)]),
        phrases=_distinct(_spelled(clause) for clause in asked if clause.quoted and not clause.prefix),
        categories=_categories(asked),
        authors=_authors(asked),
        excluded_words=_distinct(phrase for phrase in phrases if " " not in phrase),
        excluded_phrases=_distinct(phrase for phrase in phrases if " " in phrase),
        excluded_categories=_categories(left_out),
        excluded_authors=_authors(left_out),
    )
    _check_purpose(query, clauses)
    _check_contradiction(query)
    if len(query.canonical) > MAX_LENGTH:
        raise QueryError(f"Written out, this is longer than {MAX_LENGTH} characters. Follow several topics instead.")
    return query


def plain_query(text: str) -> Query | None:
    """Return the words of a text whatever else is written in it, for who cannot be asked to write it anew."""
    found = Query(words=_bare_words([text[:MAX_LENGTH]]))
    return found if found.words and len(found.canonical) <= MAX_LENGTH else None


def _bare_words(values: Iterable[str]) -> tuple[str, ...]:
    """Return the words of content, the first of each stem."""
    kept: dict[str, str] = {}
    for word in words(" ".join(values)):
        if is_term(stem(word)):
            kept.setdefault(stem(word), word)
    found = list(kept.values())
    if words(" ".join(found)) == found:
        return tuple(found)
    # A beginning that stood apart ("fine, coarse") goes last, so that it does not join the next word when read again.
    return _bare_words(sorted(found, key=PREFIXES.__contains__))


def _spelled(clause: Clause) -> str:
    """Return the words of a phrase, or of an exclusion, stop words included."""
    spelled = " ".join(words(clause.value))
    what = f"“{clause.value}”"
    if not spelled:
        raise QueryError(f"There is no word in {what}.")
    if not any(map(is_term, tokens(spelled))):
        raise QueryError(f"{what} is in nearly every paper. Name something that few papers have.")
    return spelled if words(spelled) == spelled.split() else _spelled(clause._replace(value=spelled))


def _distinct(phrases: Iterable[str]) -> tuple[str, ...]:
    """Sort the phrases and keep one of those with equal stems."""
    return tuple(sorted({tuple(tokens(phrase)): phrase for phrase in sorted(phrases, reverse=True)}.values()))


def _categories(clauses: Sequence[Clause]) -> tuple[str, ...]:
    names: set[str] = set()
    for clause in clauses:
        if clause.prefix == "cat":
            parts = [clause.value] if clause.quoted else clause.value.strip(",").split(",")
            names.update(_category(part, quoted=clause.quoted) for part in parts)
    return tuple(sorted(names))


def _category(text: str, *, quoted: bool) -> str:
    """Spell a category as arXiv does, and any other in lower case; a whole archive is its name alone."""
    match = _ARXIV_CATEGORY.fullmatch(text)
    if match:
        archive, subject = match[1].lower(), (match[2] or "*")
        if subject == "*":
            return archive
        return f"{archive}.{subject.upper() if len(subject) == _SUBJECT_CODE else subject.lower()}"
    if quoted and any(char.isalpha() for char in text):
        return " ".join(text.casefold().split())
    raise QueryError(
        f"“{text}” is no category. Write cat:cs.CL for one category, cat:cs for a whole archive,"
        ' or the name in quotation marks: cat:"cell biology"'
    )


def _authors(clauses: Sequence[Clause]) -> tuple[str, ...]:
    names = set()
    for clause in clauses:
        if clause.prefix == "author":
            name = canonical_name(clause.value)
            if not name:
                raise QueryError(f"There is no name in “{clause.value}”. Write it like this: {EXAMPLES['author']}")
            names.add(name)
    return tuple(sorted(names))


def _check_purpose(query: Query, clauses: Sequence[Clause]) -> None:
    if query.words or query.phrases or query.categories or query.authors:
        return
    asked = " ".join(clause.value for clause in clauses if not clause.excluded)
    if not asked:
        raise QueryError(
            "This only says what to leave out. Add what you want to read, for example: knowledge transfer -survey"
        )
    if words(asked):
        raise QueryError(f"“{asked}” is in nearly every paper. Add a word that names the topic.")
    raise QueryError(f"There is no word in “{asked}”. Write a few words, for example: knowledge transfer")


def _check_contradiction(query: Query) -> None:
    pairs = [
        (query.words, query.excluded_words),
        (query.phrases, (*query.excluded_phrases, *query.excluded_words)),
        (query.categories, query.excluded_categories),
        (query.authors, query.excluded_authors),
    ]
    for asked, left_out in pairs:
        removed = {tuple(tokens(name)) for name in left_out}
        for name in asked:
            if tuple(tokens(name)) in removed:
                raise QueryError(f"“{name}” is both asked for and left out. Keep one of the two.")


def _quoted(name: str) -> str:
    """Put a category or name into quotation marks where it would fall apart without."""
    return name if re.fullmatch(r"[\w.-]+", name) else f'"{name}"'
