import pytest

from digest.sources.abstracts import MAX_LENGTH, OPENING_WORDS, abstract_of, opening
from tests.digest.sources.make import ABSTRACT, CITATION

TITLE = "What comes back"
GERMAN = (
    "Die Untersuchung zeigt, dass die Verluste der Modelle bei Texten einer neuen Art durch wenige hundert Beispiele "
    "der neuen Art ausgeglichen werden können, und dass der Ausgleich bei Modellen aller drei Familien in gleicher "
    "Weise eintritt, sobald die Beispiele die häufigsten Wörter enthalten."
)
ELSEVIER = (
    "Publication date: March 2026 Source: Journal of Invented Results, Volume 17 Author(s): Ida Lindgren, Wei Zhang, "
    "Tomas Berg, Maria de la Cruz, Piotr Nowak, Aiko Sato, John Miller, Anna Rossi, Lena Hoff, Omar Said, Kofi Mensa"
)
CHINESE = "我们研究了模型在新文本上的表现，发现大部分损失可以通过少量样本恢复。" * 4


@pytest.mark.parametrize("text", [ABSTRACT, GERMAN, CHINESE])
def test_abstract_is_taken_as_it_is(text: str) -> None:
    assert abstract_of([text], TITLE) == text


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Journal of Invented Results, Volume 17, Issue 3, Page 163-175, March 2026.",
        "A short teaser of one sentence.",
        CITATION,
        f"{TITLE} {CITATION}",
        ELSEVIER,
        "&a;" * 200,
        "ab" * 500,
        "摘要太短。",
    ],
)
def test_citations_teasers_and_noise_are_no_abstracts(text: str) -> None:
    assert abstract_of([text], TITLE) == ""


@pytest.mark.parametrize(
    "before",
    [
        "Abstract ",
        "ABSTRACT ",
        "Abstract: ",
        "Stones, Published online: 04 March 2026; doi:10.5555/jir.17 ",
        "J Inv Res. 2026 Mar 4. doi: 10.5555/jir.17. Online ahead of print. ABSTRACT ",
        "JIR 17: 117-122 DOI: 10.5555/jir.17 Authors: Ida Lindgren, Wei Zhang Abstract: ",
        "Authors: Ida Lindgren, Wei Zhang Upvotes: 12 Summary: ",
        f"{TITLE} ",
    ],
)
def test_what_stands_before_an_abstract_is_cut(before: str) -> None:
    assert abstract_of([before + ABSTRACT], TITLE) == ABSTRACT


@pytest.mark.parametrize(
    "after",
    [" PMID:34000017 | DOI:10.5555/jir.17", " PMID: 34000017", " HTML XML PDF", " The post X appeared first on Y."],
)
def test_what_stands_after_an_abstract_is_cut(after: str) -> None:
    assert abstract_of([ABSTRACT + after], TITLE) == ABSTRACT


def test_words_in_the_middle_cut_nothing() -> None:
    text = f"{ABSTRACT} Abstract: a word that we use in a sense of our own, with doi: 10.5555/x as the example of it."
    assert abstract_of([text], TITLE) == text


def test_longest_abstract_wins_over_conclusions_and_teasers() -> None:
    conclusions = ABSTRACT[: len(ABSTRACT) - 20]
    assert abstract_of(["A teaser.", conclusions, ABSTRACT, CITATION], TITLE) == ABSTRACT


def test_abstract_wins_over_the_whole_article() -> None:
    article = f"{ABSTRACT} " * (MAX_LENGTH // len(ABSTRACT) + 1)
    assert abstract_of([article, ABSTRACT], TITLE) == ABSTRACT
    assert abstract_of([article], TITLE) == article.strip()


def test_opening_is_the_first_words_and_says_if_there_are_more() -> None:
    words = [f"w{number}" for number in range(OPENING_WORDS)]
    assert opening(" ".join(words)) == " ".join(words)
    assert opening(" ".join([*words, "more"])) == " ".join(words) + "…"
    assert opening("") == ""


def test_no_texts_make_no_abstract() -> None:
    assert abstract_of([], TITLE) == ""
