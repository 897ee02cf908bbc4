import pytest

from digest.ranking.clauses import MAX_LENGTH, Clause, QueryError, read_clauses
from tests.digest.ranking.make import TWO_MARKS

PREFIXES = 'There are cat:cs.CL and author:"Jane Doe". If you mean the word itself, put a space after the colon:'


def clause(value: str, prefix: str = "", *, quoted: bool = False, excluded: bool = False) -> Clause:
    return Clause(prefix, value, quoted, excluded)


@pytest.mark.parametrize(
    ("text", "clauses"),
    [
        ("lamp", [clause("lamp")]),
        ("  lamp \t moth\n", [clause("lamp"), clause("moth")]),
        ('"lamp moth"', [clause("lamp moth", quoted=True)]),
        ("“lamp moth” «dusk»", [clause("lamp moth", quoted=True), clause("dusk", quoted=True)]),
        ("-lamp", [clause("lamp", excluded=True)]),
        ("−lamp –moth", [clause("lamp", excluded=True), clause("moth", excluded=True)]),
        ('-"lamp moth"', [clause("lamp moth", quoted=True, excluded=True)]),
        ("low-light", [clause("low-light")]),
        ("2019–2021", [clause("2019–2021")]),
        ("cat:cs.CL", [clause("cs.CL", "cat")]),
        ("CAT:cs.CL", [clause("cs.CL", "cat")]),
        ('-author:"Jane Doe"', [clause("Jane Doe", "author", quoted=True, excluded=True)]),
        ('lamp"moth"dusk', [clause("lamp"), clause("moth", quoted=True), clause("dusk")]),
        ("GPT: lamps", [clause("GPT"), clause("lamps")]),
        ("lamps:", [clause("lamps")]),
        ("ratio 3:1", [clause("ratio"), clause("3:1")]),
        ("not Not", [clause("not"), clause("Not")]),
        ("speech\u200bless", [clause("speechless")]),
    ],
)
def test_clauses_of(text: str, clauses: list[Clause]) -> None:
    assert read_clauses(text) == clauses


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "Nothing is written here. Write a few words, for example: knowledge transfer"),
        (" \t\n ", "Nothing is written here. Write a few words, for example: knowledge transfer"),
        ("\u200b", "Nothing is written here. Write a few words, for example: knowledge transfer"),
        ("lamp\x00", "There is an invisible character (code 0) in this. Please type it anew."),
        ("lamp\x1b[1m", "There is an invisible character (code 27) in this. Please type it anew."),
        ("lamp \ud800", "There is an invisible character (code 55296) in this. Please type it anew."),
        (
            'moths "lamp light',
            f"The quotation mark before “lamp light” has no partner. {TWO_MARKS}",
        ),
        (
            'moths lamp"',
            f"The quotation mark after “moths lamp” has no partner. {TWO_MARKS}",
        ),
        ("moth - lamp", "A minus sign stands alone. Put it directly before what to leave out: -survey"),
        ("moth NOT lamp", "NOT is not known here. To leave a word out, put a minus sign before it: -survey"),
        ("cat: cs.CL", "After “cat:” something is missing. Write it without a space: cat:cs.CL"),
        ('author:""', 'After “author:” something is missing. Write it without a space: author:"Jane Doe"'),
        ("moth -author:", 'After “author:” something is missing. Write it without a space: author:"Jane Doe"'),
        (
            "title:lamps",
            f"“title:” is not known here. {PREFIXES} title: lamps",
        ),
    ],
)
def test_clauses_that_cannot_be_read_say_what_to_write(text: str, message: str) -> None:
    with pytest.raises(QueryError) as raised:
        read_clauses(text)
    assert str(raised.value) == message


def test_clauses_may_be_as_long_as_the_limit() -> None:
    assert read_clauses("x" * MAX_LENGTH) == [clause("x" * MAX_LENGTH)]


def test_clauses_beyond_the_limit_are_refused() -> None:
    with pytest.raises(QueryError) as raised:
        read_clauses("x" * (MAX_LENGTH + 1))
    assert str(raised.value) == (
        "This is 301 characters long, and 300 is the most. Follow several topics instead of one long one."
    )


def test_error_is_a_value_error() -> None:
    assert issubclass(QueryError, ValueError)
