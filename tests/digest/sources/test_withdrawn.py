import pytest

from digest.sources.withdrawn import MAX_NOTICE, MAX_REMARK, withdrawn, without_mark

TITLE = "On things that are not yet known"
PROSE = "We ask how stones behave in water, and find that most of them sink while a few of them float for a while. "


@pytest.mark.parametrize(
    "comments",
    [
        "Withdrawn",
        "WITHDRAWN.",
        "(withdrawn)",
        "*** This paper has been withdrawn ***",
        "This paper has been withdrawn by the author due to a crucial error in Lemma 2",
        "This paper as been withdrawn",
        "The paper is withdrawn because of a gap in the proof.",
        "This manuscript has been temporarily withdrawn for revision",
        "Paper withdrawn due to a sign error",
        "Withdrawn by the authors",
        "Retracted because the data were wrong",
        "Temporarily withdrawn until the figures are redone",
        "Withdrew this paper; a new one follows",
        "Withdrawn; superseded by arXiv:2603.00002",
        "v2: withdrawn, replaced by arXiv:2603.00002",
        "12 pages. This paper has been withdrawn",
        "Supersedes arXiv:2503.00001; this version is withdrawn",
        "The authors have withdrawn this submission",
        "We withdraw this paper since Theorem 1 is wrong",
        "This paper has been withdrawn from arXiv",
        "arXiv admin note: This submission has been withdrawn by arXiv administrators due to a disputed authorship",
        "This submission has been removed by arXiv administrators because the submitter had no right to submit it",
        "This paper has\nbeen withdrawn",
    ],
)
def test_comments_of_a_withdrawn_paper(comments: str) -> None:
    assert withdrawn(TITLE, PROSE, comments)


@pytest.mark.parametrize(
    "comments",
    [
        "",
        "12 pages, 3 figures",
        "The previous version was withdrawn because of a gap; this one fills it.",
        "Earlier version withdrawn. This revision corrects Theorem 3.",
        "Incorporates arXiv:2503.00001, which has been withdrawn",
        "Replaces the withdrawn arXiv:2503.00001",
        "This paper was withdrawn from a conference",
        "Withdrawn from NeurIPS 2025",
        "Withdrawn by the authors from ICLR 2026",
        "ICLR 2026 withdrawn submission",
        "This paper has not been withdrawn",
    ],
)
def test_comments_of_a_paper_that_stands(comments: str) -> None:
    assert not withdrawn(TITLE, PROSE, comments)


@pytest.mark.parametrize(
    "abstract",
    [
        "This paper has been withdrawn by the author due to an error in Theorem 2",
        "Withdrawn.",
        "Withdrawn due to a mistake in the proof.",
        "Paper withdrawn by the author.",
        "bioRxiv has withdrawn this preprint.",
        f"The authors have withdrawn their manuscript owing to doubts about the data. {PROSE}",
        f"{PROSE * 10}This paper has been withdrawn by the author because of a crucial sign error.",
        f"{PROSE * 10}The author has withdrawn this paper.",
    ],
)
def test_abstract_of_a_withdrawn_paper(abstract: str) -> None:
    assert withdrawn(TITLE, abstract)


@pytest.mark.parametrize(
    "abstract",
    [
        "We analyse drugs withdrawn from the market between 1990 and 2020.",
        "Withdrawal symptoms are modelled as a random process.",
        "Withdrawn products are seldom studied.",
        f"Withdrawn due to liver damage, the drug is still studied. {PROSE}",
        "This paper studies withdrawn consent and how paper records show it.",
        f"The paper was retracted in 2010 after much debate. {PROSE * 5}",
        f"The authors retracted their paper in 2010. {PROSE * 5}",
        f"{PROSE * 5}The report was withdrawn by the government.",
        "We propose a retraction onto the manifold and show that it is fast.",
        "",
    ],
)
def test_abstract_of_a_paper_about_withdrawals(abstract: str) -> None:
    assert not withdrawn("Drug withdrawal and retraction maps", abstract)


def test_abstracts_are_read_by_their_length() -> None:
    remark, notice = "Withdrawn due to an error. ", "The paper is withdrawn by its authors. "
    assert withdrawn(TITLE, remark.ljust(MAX_REMARK, "x"))
    assert not withdrawn(TITLE, remark.ljust(MAX_REMARK + 1, "x"))
    assert withdrawn(TITLE, notice.ljust(MAX_NOTICE, "x"))
    assert not withdrawn(TITLE, notice.ljust(MAX_NOTICE + 1, "x"))


@pytest.mark.parametrize(
    "title",
    [
        "WITHDRAWN: Stones",
        "Withdrawn: Stones",
        "RETRACTED: Stones",
        "RETRACTED ARTICLE: Stones",
        "Retracted article: Stones",
        "Article retracted: Stones",
        "TEMPORARY REMOVAL: Stones",
        "REMOVED: Stones",
        "[Retracted] Stones",
        "(Withdrawn) Stones",
        "[RETRACTED ARTICLE]: Stones",
        "WITHDRAWN—Stones",
        "Withdrawn - Stones",
        "Stones (withdrawn)",
        "Stones [Retracted Article].",
    ],
)
def test_title_with_a_mark(title: str) -> None:
    assert without_mark(title) == "Stones"
    assert withdrawn(title)


@pytest.mark.parametrize(
    "title", ["Withdrawn", "RETRACTED", "This paper has been withdrawn", "Paper withdrawn by the author", "(Withdrawn)"]
)
def test_title_that_is_nothing_but_a_mark_stays(title: str) -> None:
    assert without_mark(title) == title
    assert withdrawn(title)


@pytest.mark.parametrize(
    "title",
    [
        "Stones",
        "Withdrawn products in Europe",
        "Retracted-article detection",
        "Citations of retracted articles",
        "Removed: a history of loss",
        "Withdrawal: a review",
        "Retraction: on a map",
        "Withdrawn:",
        "",
    ],
)
def test_title_without_a_mark(title: str) -> None:
    assert without_mark(title) == title
    assert not withdrawn(title)
