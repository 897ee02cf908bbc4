import pytest

from digest.sources.names import entry_names, inverted, split_names


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Ida Lindgren", ["Ida Lindgren"]),
        ("Ida Lindgren, Wei Zhang", ["Ida Lindgren", "Wei Zhang"]),
        ("Ida Lindgren, Wei Zhang and Tomas Berg", ["Ida Lindgren", "Wei Zhang", "Tomas Berg"]),
        ("Ida Lindgren, Wei Zhang, and Tomas Berg", ["Ida Lindgren", "Wei Zhang", "Tomas Berg"]),
        ("Ida Lindgren and Wei Zhang", ["Ida Lindgren", "Wei Zhang"]),
        ("Ida Lindgren & Wei Zhang", ["Ida Lindgren", "Wei Zhang"]),
        ("Sandy Anderson, Andrea Brandt", ["Sandy Anderson", "Andrea Brandt"]),
        (" Ida  Lindgren ,\n Wei Zhang ", ["Ida Lindgren", "Wei Zhang"]),
        ("", []),
        (" , ,", []),
        ("---", []),
        ("Ida Lindgren, Wei Zhang, & Tomas Berg", ["Ida Lindgren", "Wei Zhang", "Tomas Berg"]),
        ("Ida Lindgren, Wei Zhang, et al.", ["Ida Lindgren", "Wei Zhang"]),
        ("Ida Lindgren et al", ["Ida Lindgren"]),
        ("Metal Petal", ["Metal Petal"]),
        ("李小龙, 王芳", ["李小龙", "王芳"]),
        ("李小龙、王芳，张伟", ["李小龙", "王芳", "张伟"]),
        ("李小龙；王芳", ["李小龙", "王芳"]),
    ],
)
def test_names_are_split_at_commas_and_and(text: str, expected: list[str]) -> None:
    assert split_names(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Ida Lindgren (Northern University, Aby), Wei Zhang (2 and 3)", ["Ida Lindgren", "Wei Zhang"]),
        ("Ida Lindgren (Lab (Aby), Northern University), Wei Zhang", ["Ida Lindgren", "Wei Zhang"]),
        ("Ida Lindgren (1), Wei Zhang (1 and 2) ((1) One, (2) Two)", ["Ida Lindgren", "Wei Zhang"]),
        ("Wei Zhang (the STONE Collaboration)", ["Wei Zhang"]),
        ("No\\'emie Roux (FR, JPEG), \\'Emilie Volt", ["No\\'emie Roux", "\\'Emilie Volt"]),
    ],
)
def test_affiliations_in_parentheses_are_dropped(text: str, expected: list[str]) -> None:
    assert split_names(text) == expected


def test_parenthesis_that_never_closes_loses_no_author() -> None:
    assert split_names("Ida Lindgren (Aby, Wei Zhang") == ["Ida Lindgren (Aby", "Wei Zhang"]


def test_surnames_with_initials_are_paired() -> None:
    expected = ["N. LAMB", "R. J. O'Hara", "P.-L. de Wit"]
    assert split_names("LAMB, N., O'Hara, R. J., de Wit, P.-L.") == expected
    assert split_names("LAMB, N., O'Hara, R. J. and de Wit, P.-L.") == expected
    assert split_names("LAMB, N., O'Hara, R. J., de Wit, P.-L., et al.") == expected


def test_semicolons_separate_inverted_names() -> None:
    assert split_names("Lamb, Nora; Zhang,  Wei; Plato") == ["Nora Lamb", "Wei Zhang", "Plato"]


@pytest.mark.parametrize("suffix", ["Jr.", "Jr", "Sr.", "II", "III", "IV"])
def test_suffix_stays_with_its_name(suffix: str) -> None:
    assert split_names(f"John Marsh, {suffix}, Wei Zhang") == [f"John Marsh {suffix}", "Wei Zhang"]


def test_thousands_of_names_and_parentheses_are_quick() -> None:
    assert len(split_names(", ".join(f"A. Name{number}" for number in range(5000)))) == 5000
    assert split_names("(" * 50_000) == []


@pytest.mark.parametrize(
    ("authors", "expected"),
    [
        ([{"name": "Ida Lindgren"}, {"name": "Wei Zhang"}], ["Ida Lindgren", "Wei Zhang"]),
        ([{"name": "Ida Lindgren, Wei Zhang"}], ["Ida Lindgren", "Wei Zhang"]),
        ([{"name": "Lindgren, Ida"}, {"name": "Zhang, Wei"}], ["Ida Lindgren", "Wei Zhang"]),
        ([{"name": "Lindgren, Ida"}], ["Ida Lindgren"]),
        ([{"name": "Lindgren I, Zhang W, Berg T."}], ["I Lindgren", "W Zhang", "T Berg"]),
        ([{"name": "de la Cruz MJ, Zhang W, et al."}], ["MJ de la Cruz", "W Zhang"]),
        ([{"name": "Ida Lindgren"}, {"name": "et al."}], ["Ida Lindgren"]),
        ([{"name": "Wei LU, Jia XU"}], ["Wei LU", "Jia XU"]),
        ([{"name": "Lindgren I, Wei Zhang"}], ["Lindgren I", "Wei Zhang"]),
        ([{"name": "Wei Zhang (Aby)"}, {"name": "Ida Lindgren"}], ["Wei Zhang", "Ida Lindgren"]),
        ([{"name": "Publisher Feed: Journal of Stones"}], []),
        ([{"email": "editor@example.org"}, {}], []),
        ([{"name": None}, "Wei Zhang", {"name": "Ida Lindgren"}], ["Ida Lindgren"]),
        ([], []),
        ("", []),
        (None, []),
    ],
)
def test_entry_authors_come_one_each_or_all_in_one(authors: object, expected: list[str]) -> None:
    assert entry_names(authors) == expected


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Lamb, Nora", "Nora Lamb"),
        ("van der Berg, T.", "T. van der Berg"),
        ("Nora Lamb", "Nora Lamb"),
        ("Lamb,", "Lamb,"),
        ("a, b, c", "a, b, c"),
    ],
)
def test_inverted_names_are_turned_round(name: str, expected: str) -> None:
    assert inverted(name) == expected
