import pytest

from digest.ranking.duplicates import Titles


@pytest.mark.parametrize(
    ("title", "other"),
    [
        ("Moths at street lamps", "Moths at street lamps"),
        ("Moths at street lamps", "MOTHS AT STREET-LAMPS."),
        ("Moths at street lamps", "Moth at the street lamp"),
        ("Counting moths at old street lamps", "Counting moths at very old street lamps"),
        ("Pre-training for moths", "Pretraining for moths"),
        ("β decay of lamps", "Beta decay of lamps"),
        ("知識", "知識"),
    ],
)
def test_title_is_like(title: str, other: str) -> None:
    assert Titles([title]).has_like(other)
    assert Titles([other]).has_like(title)


@pytest.mark.parametrize(
    ("title", "other"),
    [
        ("Moths at street lamps", "Moths at garden lamps"),
        ("A model of lamps", "Another theory of moths"),
        ("Lamps, moths, dusk, streets, towns: part 1", "Lamps, moths, dusk, streets, towns: part 2"),
        ("Lamps, moths, dusk, streets, towns, light: part I", "Lamps, moths, dusk, streets, towns, light: part II"),
        ("Lamp-3 on moths, dusk, streets and towns", "Lamp-4 on moths, dusk, streets and towns"),
        ("Moths", "Moths and lamps"),
        ("Moths", ""),
        ("", ""),
        ("The", "Of"),
    ],
)
def test_title_is_not_like(title: str, other: str) -> None:
    assert not Titles([title]).has_like(other)
    assert not Titles([other]).has_like(title)


def test_titles_are_empty_at_first_and_grow() -> None:
    titles = Titles()
    assert not titles.has_like("Moths at street lamps")
    titles.add("Tides")
    titles.add("Moths at street lamps")
    assert titles.has_like("Moths at street lamps")
