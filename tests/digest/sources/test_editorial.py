import pytest

from digest.sources.editorial import not_a_paper


@pytest.mark.parametrize(
    "title",
    [
        "Issue Information",
        "Front Cover",
        "Inside Back Cover",
        "Cover image",
        "Front Matter",
        "Table of Contents",
        "Contents",
        "Editorial Board",
        "Editorial",
        "Masthead",
        "Reviewers 2025",
        "List of Referees",
        "Graphical Contents",
        "Author Index",
        "Instructions for Authors",
        "IEEE App filler",
        "IEEE Stone Society Information",
        "Acknowledgement of Reviewers",
        "  TITLE PAGE. ",
    ],
)
def test_front_matter_is_no_paper(title: str) -> None:
    assert not_a_paper(title) == f"front matter: {title.strip(' .')}"


@pytest.mark.parametrize(
    "title",
    [
        "Correction to: How stones float",
        "Author Correction: How stones float",
        "Publisher Correction: How stones float",
        "Correction",
        "Erratum",
        "Erratum to: How stones float",
        "Corrigendum to “How stones float” [J. Inv. Res. 12 (2026) 7]",
        "Retraction: How stones float",
        "Retraction Note: How stones float",
        "Expression of Concern: How stones float",
    ],
)
def test_notices_about_other_papers_are_none(title: str) -> None:
    assert not_a_paper(title) == f"a notice about another paper: {title}"


@pytest.mark.parametrize(
    "title",
    [
        "How stones float",
        "Correction of motion artefacts in deep-sea images",
        "Retraction of the coastline under rising tides",
        "Covering spaces and their contents",
        "Contents of the stomachs of three hundred herrings",
        "Editorial decisions and how they are made",
        "An index theorem for stones",
        "Error correction: a survey",
        "Issues in information retrieval",
        "",
    ],
)
def test_papers_with_similar_titles_are_papers(title: str) -> None:
    assert not_a_paper(title) == ""
