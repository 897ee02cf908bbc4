import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from digest.ranking.query import Query, QueryError, parse_query, plain_query
from tests.digest.ranking.make import TWO_MARKS

NO_CATEGORY = (
    "is no category. Write cat:cs.CL for one category, cat:cs for a whole archive,"
    ' or the name in quotation marks: cat:"cell biology"'
)


def error_of(text: str) -> str:
    with pytest.raises(QueryError) as raised:
        parse_query(text)
    return str(raised.value)


def test_query_with_every_part() -> None:
    text = 'Moth "street  Lamps" -survey -"case study" cat:cs.cl author:"Doe, Jane" -cat:math -author:roe light'
    assert parse_query(text) == Query(
        words=("moth", "light"),
        phrases=("street lamps",),
        categories=("cs.CL",),
        authors=("jane doe",),
        excluded_words=("survey",),
        excluded_phrases=("case study",),
        excluded_categories=("math",),
        excluded_authors=("roe",),
    )


@pytest.mark.parametrize(
    ("text", "canonical"),
    [
        ("Knowledge   TRANSFER", "knowledge transfer"),
        ("transfer of the knowledge", "transfer knowledge"),
        ("moth moths lamp moth", "moth lamp"),
        ("Schrödinger equations", "schrodinger equations"),
        ("low-resource speech", "low resource speech"),
        ("fine-tuning", "finetuning"),
        ("fine tuning", "finetuning"),
        ("fine, coarse", "coarse fine"),
        ("fine and fine tuning", "finetuning fine"),
        ("3 pre 3 training", "3 training pre"),
        ("GPT-4: lamps", "gpt 4 lamps"),
        ("moth & lamp!", "moth lamp"),
        ("β-VAE", "beta vae"),
        ('"Street Lamps"', '"street lamps"'),
        ('"moth" lamp', 'lamp "moth"'),
        ('"speech to text"', '"speech to text"'),
        ('"zebra" "aardvark"', '"aardvark" "zebra"'),
        ('"street lamps" "Street lamp"', '"street lamp"'),
        ("lamp -survey -Moths -surveys", "lamp -moths -survey"),
        ('lamp -"survey"', "lamp -survey"),
        ("lamp -case-study", 'lamp -"case study"'),
        ("cat:cs.cl", "cat:cs.CL"),
        ("cat:CS.*", "cat:cs"),
        ("cat:cs", "cat:cs"),
        ("cat:hep-th", "cat:hep-th"),
        ("cat:cond-mat.Mes-Hall", "cat:cond-mat.mes-hall"),
        ("cat:q-bio.nc", "cat:q-bio.NC"),
        ("cat:physics.AO-PH", "cat:physics.ao-ph"),
        ("cat:cs.LG,cs.CL,", "cat:cs.CL cat:cs.LG"),
        ('cat:"Cell  Biology"', 'cat:"cell biology"'),
        ('cat:"cs.LG"', "cat:cs.LG"),
        ('author:"Doe, Jane"', 'author:"jane doe"'),
        ("author:DOE author:Doe", "author:doe"),
        ("author:J.Doe", 'author:"j doe"'),
        ("author:roe cat:cs.CL moth", "moth cat:cs.CL author:roe"),
    ],
)
def test_canonical_spelling(text: str, canonical: str) -> None:
    query = parse_query(text)
    assert query.canonical == canonical
    assert parse_query(query.canonical) == query


def test_canonical_is_one_for_every_order_of_clauses() -> None:
    one = parse_query('moth light "b a" "a b" cat:cs.CL cat:cs.AI author:doe author:roe -x -"y z"')
    other = parse_query('-"Y Z" author:ROE cat:cs.ai -X "A B" author:Doe moth cat:cs.cl "B  a" light')
    assert one == other
    assert one.canonical == other.canonical


def test_canonical_keeps_the_order_of_words_which_makes_pairs() -> None:
    assert parse_query("transfer knowledge") != parse_query("knowledge transfer")


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("moth", "text"),
        ('"street lamp"', "text"),
        ("moth cat:cs.CL", "text"),
        ("moth author:doe", "text"),
        ("cat:cs.CL author:doe", "text"),
        ("cat:cs.CL", "category"),
        ("cat:cs.CL cat:math -survey", "category"),
        ("author:doe", "author"),
        ("author:doe author:roe -cat:cs", "author"),
    ],
)
def test_kind(text: str, kind: str) -> None:
    assert parse_query(text).kind == kind


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "-survey",
            "This only says what to leave out. Add what you want to read, for example: knowledge transfer -survey",
        ),
        (
            "-cat:cs.CL -author:doe",
            "This only says what to leave out. Add what you want to read, for example: knowledge transfer -survey",
        ),
        ("the of", "“the of” is in nearly every paper. Add a word that names the topic."),
        ("AND OR", "“AND OR” is in nearly every paper. Add a word that names the topic."),
        ("!!! -lamp", "There is no word in “!!!”. Write a few words, for example: knowledge transfer"),
        ("lamp -the", "“the” is in nearly every paper. Name something that few papers have."),
        ('"of the"', "“of the” is in nearly every paper. Name something that few papers have."),
        ('lamp ""', "There is no word in “”."),
        ("lamp -!", "There is no word in “!”."),
        ('author:"..."', 'There is no name in “...”. Write it like this: author:"Jane Doe"'),
        (
            "cat:cs.",
            f"“cs.” {NO_CATEGORY}",
        ),
        (
            "cat:cs.CL,,math",
            f"“” {NO_CATEGORY}",
        ),
        (
            'cat:"12"',
            f"“12” {NO_CATEGORY}",
        ),
        ("moths -moth", "“moths” is both asked for and left out. Keep one of the two."),
        ('"lamp" -lamps', "“lamp” is both asked for and left out. Keep one of the two."),
        ('"a lamp" -"A lamps"', "“a lamp” is both asked for and left out. Keep one of the two."),
        ("cat:cs.CL -cat:cs.cl", "“cs.CL” is both asked for and left out. Keep one of the two."),
        ('author:doe -author:"Doe"', "“doe” is both asked for and left out. Keep one of the two."),
        (
            '"lamp',
            f"The quotation mark before “lamp” has no partner. {TWO_MARKS}",
        ),
    ],
)
def test_query_without_a_meaning_says_what_to_write(text: str, message: str) -> None:
    assert error_of(text) == message


CATEGORIES = [f"cs.{first}{second}" for first in "abcdefgh" for second in "abcdef"]


@pytest.mark.parametrize("text", [" ".join(f"β{number}" for number in range(10, 70)), "cat:" + ",".join(CATEGORIES)])
def test_query_that_grows_too_long_when_written_out_is_refused(text: str) -> None:
    assert error_of(text) == "Written out, this is longer than 300 characters. Follow several topics instead."


def test_exclusion_may_be_narrower_than_what_is_asked_for() -> None:
    assert parse_query("cat:cs -cat:cs.CL").canonical == "cat:cs -cat:cs.CL"
    assert parse_query('lamp -"street lamp"').canonical == 'lamp -"street lamp"'


def test_query_is_immutable_and_hashable() -> None:
    query = parse_query("moth")
    assert {query: 1}[Query(words=("moth",))] == 1
    with pytest.raises(AttributeError):
        query.words = ()  # type: ignore[misc]


WORDS = st.sampled_from(
    [
        "moth",
        "Lamps",
        "lamp",
        "the",
        "of",
        "fine",
        "tuning",
        "pre",
        "multi",
        "3:1",
        "β",
        "low-light",
        "it's",
        "x_2",
        "Größe",
    ]
)
PIECES = st.one_of(
    WORDS,
    WORDS.map("-{}".format),
    st.lists(WORDS, min_size=1, max_size=4).map(lambda words: '"{}"'.format(" ".join(words))),
    st.lists(WORDS, min_size=1, max_size=3).map(lambda words: '-"{}"'.format(" ".join(words))),
    st.sampled_from(
        ["cat:cs.CL", "cat:CS", "-cat:math.ag", 'cat:"Cell Biology"', 'author:"Doe, J."', "-author:roe", "cat:cs.*"]
    ),
)


@given(st.lists(PIECES, max_size=12).map(" ".join))
@example("fine of fine fine tuning")
@example("pre pre pre training")
def test_canonical_of_sensible_text_parses_to_the_same_query(text: str) -> None:
    try:
        query = parse_query(text)
    except QueryError:
        return
    assert parse_query(query.canonical) == query


@given(st.text(max_size=60))
@example("fine''s tuning")
@example("ﷺ")
@example('"ﬀ İ" ᾳ')
def test_any_text_is_a_query_with_a_canonical_or_a_query_error(text: str) -> None:
    try:
        query = parse_query(text)
    except QueryError:
        return
    assert parse_query(query.canonical) == query
    assert len(query.canonical) <= 300


@given(st.text(max_size=400))
@example("GPT-4: what is new?")
@example("the")
def test_words_of_any_text_are_a_query_of_words_or_none(text: str) -> None:
    query = plain_query(text)
    if query:
        assert parse_query(query.canonical) == query == Query(words=query.words)


def test_words_of_a_text_that_is_no_query() -> None:
    assert plain_query('moths: a "survey') == Query(words=("moths", "survey"))
    assert plain_query("?! the") is None
