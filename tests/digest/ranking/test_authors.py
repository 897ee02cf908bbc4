import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.ranking.authors import AuthorIndex, canonical_name, is_same, parse_name


def same(wanted: str, found: str) -> bool:
    return is_same(parse_name(wanted), parse_name(found))


@pytest.mark.parametrize(
    "found",
    [
        "Jane Doe",
        "jane doe",
        "JANE DOE",
        "Jané Doé",
        "J. Doe",
        "J Doe",
        "Doe, Jane",
        "Doe, J.",
        "Jane Q. Doe",
        "Doe, Jane Q.",
        "Jane Quinn Doe",
        "Mary Jane Doe",
        "Jane Doe Jr.",
        "Doe, Jr., Jane",
        "Jane Doe (Institute of Lamps, Exampleton)",
        "Jane Doe-Roe",
    ],
)
def test_jane_doe_is_found_as(found: str) -> None:
    assert same("Jane Doe", found)
    assert same("Doe, Jane", found)


@pytest.mark.parametrize(
    "found",
    ["John Doe", "Janet Doe", "Jane Dole", "Jane Roe", "Doe", "Doe Jane", "Q. Doe", "", "...", "Doe, "],
)
def test_jane_doe_is_not(found: str) -> None:
    assert not same("Jane Doe", found)


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        ("doe", "Any Doe"),
        ("J. Doe", "John Doe"),
        ("Jane Q. Doe", "Jane Doe"),
        ("Jane Q. Doe", "Jane Quinn Doe"),
        ("Xiaoming Li", "Xiao-Ming Li"),
        ("Xiao Ming Li", "Xiaoming Li"),
        ("von Neumann", "John von Neumann"),
        ("van der Berg", "Jan van der Berg"),
        ("J. van der Berg", "Jan P. van der Berg"),
        ("Jan Berg", "Jan van der Berg"),
        ("García", "María García-López"),
        ("garcia-lopez", "María García-López"),
        ("García López, María", "María García López"),
        ("garcia", "García López, María"),
        ("J.-P. Serre", "Jean-Pierre Serre"),
        ("O'Donnell", "Lauren O’Donnell"),
        ("María García-López", "María García López"),
        ("García-López, M.", "García López, María"),
        ("García López", "María García-López"),
        ("Al Khwarizmi", "Muhammad al-Khwarizmi"),
        ("JD Smith", "John D. Smith"),
        ("JD Smith", "J. D. Smith"),
        ("John Smith", "Smith, JD"),
        ("Di Li", "DI Li"),
        ("Wei Li", "WEI LI"),
        ("Jean-Pierre Serre", "JP Serre"),
        ("Иван Иванов", "Иванов, И."),
        ("Robert Oppen", "J. Robert Oppen"),
        ("Di Wang", "D. Wang"),
        ("Lamp Collaboration", "LAMP Collaboration"),
        ("李明", "李明"),
    ],
)
def test_same_person(wanted: str, found: str) -> None:
    assert same(wanted, found)


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        ("J. Doe", "Mary J. Doe"),
        ("Jane Q. Doe", "Jane X. Doe"),
        ("Jane Quinn Doe", "Jane Quentin Doe"),
        ("doe", "Doe Smith"),
        ("jane", "Jane Doe"),
        ("doer", "Jane Doe"),
        ("garcia-lopez", "María García"),
        ("garcia-lopez", "Gloria Lopez"),
        ("JD Smith", "Jane X. Smith"),
        ("JD Smith", "DJ Smith"),
        ("Xavier Li", "XU LI"),
        ("李明", "李明华"),
        ("van der Berg", "Jan Berg"),
        ("", "Jane Doe"),
    ],
)
def test_other_person(wanted: str, found: str) -> None:
    assert not same(wanted, found)


@pytest.mark.parametrize(
    ("text", "canonical"),
    [
        ("Jane Doe", "jane doe"),
        ("DOE, Jane Q.", "jane q doe"),
        ("  Doe ,  J. ", "j doe"),
        ("doe", "doe"),
        ("Jean-Pierre Doe-Roe", "jean pierre doe-roe"),
        ("Łukasz Müller III", "lukasz muller"),
        ("JD Smith", "j d smith"),
        ("Smith, JD", "j d smith"),
        ("Smith JD", "smith jd"),
        ("JD SMITH", "jd smith"),
        ("Doe,", "doe"),
        (", Jane", "jane"),
        ("...", ""),
        ("", ""),
        ("Jr.", ""),
    ],
)
def test_canonical_name(text: str, canonical: str) -> None:
    assert canonical_name(text) == canonical


@given(st.text(max_size=30))
def test_canonical_name_of_a_canonical_name_is_itself(text: str) -> None:
    assert canonical_name(canonical_name(text)) == canonical_name(text)


@given(st.lists(st.sampled_from(["Ada", "B.", "Cleo-Dora", "van"]), max_size=3), st.sampled_from(["Berg", "Doe-Roe"]))
def test_every_name_is_its_own(given_names: list[str], last: str) -> None:
    name = " ".join([*given_names, last])
    assert same(name, name)


def test_index_finds_papers_with_the_names_as_spelled() -> None:
    index = AuthorIndex([("Jane Doe", "John Roe"), (), ("J. Doe", "Doe, Jane Q."), ("John Doe",)])
    assert index.find("Jane Doe") == {0: ["Jane Doe"], 2: ["J. Doe", "Doe, Jane Q."]}


def test_index_finds_everybody_of_a_surname() -> None:
    index = AuthorIndex([("Jane Doe", "John Roe"), ("John Doe",)])
    assert index.find("doe") == {0: ["Jane Doe"], 1: ["John Doe"]}


def test_index_finds_surnames_with_and_without_a_hyphen() -> None:
    index = AuthorIndex([("María García-López",), ("María García López",), ("María López",)])
    assert sorted(index.find("María García-López")) == [0, 1]
    assert sorted(index.find("García López")) == [0, 1]


def test_index_finds_by_a_later_given_name() -> None:
    assert AuthorIndex([("J. Robert Oppen",)]).find("Robert Oppen") == {0: ["J. Robert Oppen"]}


@pytest.mark.parametrize("wanted", ["Ada Nobody", "", "...", "Jane"])
def test_index_without_that_name_finds_nothing(wanted: str) -> None:
    assert AuthorIndex([("Jane Doe",), ("",), ("...",)]).find(wanted) == {}


@given(st.text(max_size=20), st.text(max_size=20))
def test_index_agrees_with_comparing_one_by_one(wanted: str, author: str) -> None:
    assert bool(AuthorIndex([(author,)]).find(wanted)) == same(wanted, author)
