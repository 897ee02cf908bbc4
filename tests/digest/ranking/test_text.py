import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.ranking.text import STOP_WORDS, fold, is_term, stem, tokens, words


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("Knowledge TRANSFER", "knowledge transfer"),
        ("Schrödinger", "schrodinger"),
        ("Łukasz Ørsted", "lukasz orsted"),
        ("Þórður Æsir", "thordur aesir"),
        ("Straße", "strasse"),
        ("ﬁne ﬂow", "fine flow"),
        ("İstanbul ılık", "istanbul ilik"),
        ("H₂O and x²", "h2o and x2"),
        ("𝒪(n)", "o(n)"),
        ("Nguyễn Văn", "nguyen van"),
        ("Bayes’ rule", "bayes' rule"),
    ],
)
def test_fold_removes_case_accents_and_variants(text: str, folded: str) -> None:
    assert fold(text) == folded


def test_fold_composed_and_decomposed_are_equal() -> None:
    assert fold("caf\u00e9") == fold("cafe\u0301") == "cafe"


@pytest.mark.parametrize(("text", "folded"), [("β-VAE", "beta-vae"), ("ε and Ω", "epsilon and omega"), ("ς", "sigma")])
def test_fold_names_a_greek_symbol(text: str, folded: str) -> None:
    assert fold(text) == folded


def test_fold_leaves_greek_words_alone() -> None:
    assert fold("ΛΟΓΟΣ") == "λογοσ"


def test_fold_keeps_other_scripts() -> None:
    assert fold("知識 한국어 знание") == "知識 한국어 знание"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Low-resource languages", ["low", "resource", "languages"]),
        ("a multi-agent, multi agent and multiagent game", ["a", *["multiagent"] * 2, "and", "multiagent", "game"]),
        ("pre-training, fine tuning", ["pretraining", "finetuning"]),
        ("multi- and single-task", ["multi", "and", "single", "task"]),
        ("fine or coarse", ["fine", "or", "coarse"]),
        ("the model's size and the models' sizes", ["the", "model", "size", "and", "the", "models", "sizes"]),
        ("CO_2, CO$_2$ and x^2", ["co2", "co", "2", "and", "x2"]),
        ("snake_case", ["snake", "case"]),
        ("GPT-4: 3:1 (again)!", ["gpt", "4", "3", "1", "again"]),
        ("$k$-means", ["k", "means"]),
        ("", []),
        ("— … !?", []),
    ],
)
def test_words(text: str, expected: list[str]) -> None:
    assert words(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (r"$\alpha$-divergence", ["alpha", "divergence"]),
        (r"$O(n \log n)$", ["o", "n", "log", "n"]),
        (r"\emph{adaptive} normalization", ["adaptive", "normalization"]),
        (r"{\it adaptive} \bf normalization", ["adaptive", "normalization"]),
        (r"\textbf{\emph{A}daptive normalization}", ["adaptive", "normalization"]),
        (r"\mathcal{O}(\mathbf{x}), \boldsymbol\beta", ["o", "x", "beta"]),
        (r"Erd\H{o}s, Erd{\H o}s", ["erdos", "erdos"]),
        (r"G\"odel, G\"{o}del, G{\"o}del", ["godel"] * 3),
        (r"Poincar\'e's na\"{\i}ve \v{C}ech", ["poincare", "naive", "cech"]),
        (r"a \"quoted\" word, it\'s 50\% sure", ["a", "quoted", "word", "it", "50", "sure"]),
        (r"\textile and \itch", ["textile", "and", "itch"]),
        ("\\emph{} \\ {\\", []),
    ],
)
def test_words_of_tex_are_those_that_people_see(text: str, expected: list[str]) -> None:
    assert words(text) == expected


def test_words_of_greek_in_tex_and_in_unicode_are_equal() -> None:
    assert words(r"$\beta$-VAE") == words("β-VAE") == ["beta", "vae"]


def test_tokens_of_one_family_are_equal() -> None:
    assert tokens("adapting adapted adapts") == ["adapt", "adapt", "adapt"]
    assert tokens("normalization normalized") == ["normal", "normal"]


def test_tokens_keep_stop_words_as_marks_in_place() -> None:
    assert tokens("Transfer of the Knowledge") == ["transfer", "_of", "_the", "knowledg"]


def test_stem_of_a_stop_word_is_no_term() -> None:
    assert [is_term(stem(word)) for word in sorted(STOP_WORDS)] == [False] * len(STOP_WORDS)


def test_stem_that_spells_a_stop_word_is_a_term() -> None:
    assert stem("doing") == "do"
    assert is_term(stem("doing"))


@given(st.text())
def test_words_of_any_text_are_folded_words(text: str) -> None:
    for word in words(text):
        assert word == word.casefold()
        assert not any(char.isspace() or char in "_-'\"" for char in word)


@given(st.text())
def test_tokens_are_as_many_as_words(text: str) -> None:
    assert len(tokens(text)) == len(words(text))
