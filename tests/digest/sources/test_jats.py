import pytest

from digest.sources.jats import abstract_text
from tests.digest.growth import LINEAR, growth

TEX = r"<jats:tex-math>\documentclass[12pt]{minimal}\begin{document}$$x^2$$\end{document}</jats:tex-math>"
MATHML = "<mml:math><mml:msup><mml:mi>x</mml:mi><mml:mn>2</mml:mn></mml:msup></mml:math>"


@pytest.mark.parametrize(
    ("markup", "expected"),
    [
        ("<jats:p>Stones float.</jats:p>", "Stones float."),
        ("<jats:title>Abstract</jats:title><jats:p>Stones float.</jats:p>", "Stones float."),
        ("<jats:title>ABSTRACT</jats:title>\n  <jats:p>Stones float.</jats:p>", "Stones float."),
        ("<jats:sec><jats:title>Summary</jats:title><jats:p>Stones float.</jats:p></jats:sec>", "Stones float."),
        ("<jats:p><jats:bold>Abstract.</jats:bold></jats:p><jats:p>Stones float.</jats:p>", "Stones float."),
        ("<title>Résumé</title><p>Les pierres flottent.</p>", "Les pierres flottent."),
        ("Abstract Stones float.", "Stones float."),
        ("Abstract: stones float.", "stones float."),
        ("Abstract interpretation of stones.", "Abstract interpretation of stones."),
        ("<jats:title>Abstract stones</jats:title><jats:p>They float.</jats:p>", "Abstract stones They float."),
        (
            "<jats:sec><jats:title>Aims</jats:title><jats:p>One.</jats:p></jats:sec><jats:p>Two.</jats:p>",
            "Aims One. Two.",
        ),
        ("<jats:p>CO<jats:sub>2</jats:sub> at 5 m<jats:sup>2</jats:sup></jats:p>", "CO2 at 5 m²"),
        ("<jats:p>p &amp;lt; 0.05 &amp; more</jats:p>", "p < 0.05 & more"),
        ("<jats:p>No abstract available.</jats:p>", ""),
        ("<jats:p>-</jats:p>", ""),
        ("N/A", ""),
        ("", ""),
    ],
)
def test_abstract_is_its_text_alone(markup: str, expected: str) -> None:
    assert abstract_text(markup) == expected


@pytest.mark.parametrize("ways", [TEX + MATHML, MATHML + TEX])
def test_formula_written_twice_is_read_once(ways: str) -> None:
    formula = f"<jats:inline-formula><jats:alternatives>{ways}</jats:alternatives></jats:inline-formula>"
    assert abstract_text(f"<jats:p>Let {formula} be.</jats:p>") == "Let x2 be."


def test_formula_written_in_tex_alone_is_kept() -> None:
    formula = f"<jats:inline-formula><jats:alternatives>{TEX}</jats:alternatives></jats:inline-formula>"
    assert abstract_text(f"<jats:p>{MATHML} and {formula}.</jats:p>") == "x2 and $$x^2$$."


def test_annotation_of_a_formula_is_not_read_as_well() -> None:
    formula = '<mml:math><mml:mi>x</mml:mi><mml:annotation encoding="application/x-tex">x</mml:annotation></mml:math>'
    assert abstract_text(f"<jats:p>Let {formula} be.</jats:p>") == "Let x be."


@pytest.mark.parametrize(
    "piece", ["<jats:alternatives>", "<jats:tex-math>", "<jats:title>", r"<tex-math>\begin{document}"]
)
def test_time_for_hostile_markup_grows_with_its_length(piece: str) -> None:
    assert growth(abstract_text, piece, 500) < LINEAR
