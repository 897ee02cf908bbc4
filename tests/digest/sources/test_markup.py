import pytest

from digest.sources.markup import plain_text
from tests.digest.growth import LINEAR, growth


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Nothing to do here",
        "for <s_1, ..., s_n> and a<b",
        "Bounds for $n<p$ with x<y>z",
        "if $a<b and c>0$ then",
        "n<p>0, and so on",
        "x<i>0 without an end",
        "p < 0.05, n>3",
        "a << b >> c",
        "<notatag>text</notatag>",
        "AT&T and R&D &nosuch; &para is",
        "<",
        "a <b",
        "vectors <x, y> and <b, c d>",
    ],
)
def test_what_is_no_html_stays_literally(text: str) -> None:
    assert plain_text(text) == text


@pytest.mark.parametrize(
    ("markup", "expected"),
    [
        ("<p>One.</p><p>Two.</p>", "One. Two."),
        ("<p><strong>Stones float</strong></p>", "Stones float"),
        ("One<br/>two<BR>three<br />four", "One two three four"),
        ("<ul><li>one</li><li>two</li></ul>", "one two"),
        ("H<i>ydrophilus</i> <em>acuminatus</em>", "Hydrophilus acuminatus"),
        ("S<sub>N</sub>2 and CO<sub>2</sub>", "SN2 and CO2"),
        ("10<sup>-3</sup> m<sup>2</sup> at the 5<sup>th</sup>", "10⁻³ m² at the 5th"),
        ('<a href="https://e.example/?a=1&b=2">link</a> <img src=x onerror=alert(1)>', "link"),
        ("<a href=https://e.example/?a=1>link</a>", "link"),
        ("<span class='a > b'>x</span>", "x"),
        ("<div itemscope>x</div>", "x"),
        ("<jats:p>x<mml:math><mml:mi>y</mml:mi></mml:math></jats:p><jats:p>z</jats:p>", "xy z"),
        ("<jats:title>Aims</jats:title><jats:p>m<jats:sup>2</jats:sup></jats:p>", "Aims m²"),
        ("<math><mi>x</mi><mo>=</mo><mn>1</mn></math>", "x=1"),
        ("<![CDATA[a <b>bold</b> word]]>", "a bold word"),
        ("before<!-- not <b>seen</b> -->after", "before after"),
        ("a<script>alert('<b>')</script>b<style>p {}</style>c", "a b c"),
        ("One.<p>Two.<p>Three.", "One. Two. Three."),
        ("  spaced \n\t out ", "spaced out"),
    ],
)
def test_tags_go_and_their_text_stays(markup: str, expected: str) -> None:
    assert plain_text(markup) == " ".join(expected.split())


@pytest.mark.parametrize(
    ("markup", "expected"),
    [
        ("Erd&#337;s &amp; R&eacute;nyi", "Erdős & Rényi"),
        ("Erd&#337;s &amp;amp; R&eacute;nyi", "Erdős & Rényi"),
        ("$2.6&lt;\\eta&lt;4$", "$2.6<\\eta<4$"),
        ("p &amp;lt; 0.05", "p < 0.05"),
        ("&lt;i&gt;Homo&lt;/i&gt; sp.", "Homo sp."),
        ("&nbsp;a&nbsp;b&nbsp;", "a b"),
        ("&#0;a&#xD800;b&#1114112;", "�a�b�"),
        ("&alpha;&ndash;&beta;", "α–β"),
    ],
)
def test_entities_are_resolved_however_often_they_were_escaped(markup: str, expected: str) -> None:
    assert plain_text(markup) == expected


def test_comment_and_script_that_never_end_stay() -> None:
    assert plain_text("a <!-- b") == "a <!-- b"
    assert plain_text("a <script> b") == "a <script> b"


@pytest.mark.parametrize(
    "piece",
    ["<", "&", "<a ", "<b x ", "<p>", "<!--", "<script>", "<![CDATA[", "<sup> ", "<!---->", "<a b='", "&#", "<p x=y "],
)
def test_time_for_hostile_markup_grows_with_its_length(piece: str) -> None:
    assert growth(plain_text, piece, 2500) < LINEAR


def test_tag_that_closes_itself_is_a_tag() -> None:
    assert plain_text('<mml:mi>x</mml:mi><mml:mspace width="1em"/><mml:mi>y</mml:mi>') == "xy"
    assert plain_text("one<jats:break/>two") == "one two"
