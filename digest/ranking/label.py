"""A topic in plain words, for headings and subjects: what a reader typed, without the marks of the query language."""

from digest.ranking.clauses import read_clauses
from digest.ranking.query import parse_query


def label(text: str) -> str:
    """Return a query as people say it: `"few shot" cat:cs.CL -robots` is "few shot in cs.CL without robots".

    Raises QueryError where the query cannot be read.
    """
    clauses = read_clauses(text)
    asked = [clause for clause in clauses if not clause.excluded]
    words = " ".join(clause.value for clause in asked if not clause.prefix)
    authors = " or ".join(clause.value for clause in asked if clause.prefix == "author")
    categories = " or ".join(parse_query(text).categories)
    left_out = " or ".join(clause.value for clause in clauses if clause.excluded)
    parts = ["", words], ["by" if words else "papers by", authors], ["in" if words or authors else "", categories]
    said = [f"{link} {names}".strip() for link, names in parts if names]
    return " ".join([*said, f"without {left_out}"] if left_out else said)
