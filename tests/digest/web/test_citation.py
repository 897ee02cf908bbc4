import re
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.models import Paper
from digest.web.citation import cite
from tests.make import TODAY

PAGE = "https://papers.example.org/papers/17"


def paper(**given: Any) -> Paper:
    stated = {"title": "Adaptive moths", "authors": ["Ada Lindqvist", "José Ortega"], "announced_on": TODAY}
    return Paper(**stated | given)


def bibtex(names: dict[str, str] | None = None, **given: Any) -> str:
    return cite(paper(**given), names or {}, page=PAGE).bibtex


def field(name: str, **given: Any) -> str:
    found = re.search(rf"^  {name} = \{{(.*)\}},$", bibtex(**given), re.MULTILINE)
    return found[1] if found else ""


def test_preprint_is_cited_by_its_arxiv_id() -> None:
    said = bibtex(
        {"arxiv": "2603.00001"},
        categories=["cs.CL", "cs.AI"],
        submitted_at=datetime(2026, 2, 28, 20, tzinfo=UTC),
        url="https://arxiv.org/abs/2603.00001v2",
    )
    assert said == (
        "@misc{lindqvist2026adaptive,\n"
        "  title = {{Adaptive moths}},\n"
        "  author = {Ada Lindqvist and Jos\\'e Ortega},\n"
        "  eprint = {2603.00001},\n"
        "  archivePrefix = {arXiv},\n"
        "  primaryClass = {cs.CL},\n"
        "  url = {https://arxiv.org/abs/2603.00001},\n"
        "  year = {2026},\n"
        "  month = feb,\n"
        "}\n"
    )


def test_article_is_cited_by_its_journal_and_doi() -> None:
    said = bibtex({"doi": "10.5555/a_b"}, venue="Moths & Light", submitted_at=datetime(2025, 2, 28, tzinfo=UTC))
    assert said == (
        "@article{lindqvist2026adaptive,\n"
        "  title = {{Adaptive moths}},\n"
        "  author = {Ada Lindqvist and Jos\\'e Ortega},\n"
        "  journal = {Moths \\& Light},\n"
        "  doi = {10.5555/a_b},\n"
        "  url = {https://doi.org/10.5555/a_b},\n"
        "  year = {2026},\n"
        "  month = mar,\n"
        "}\n"
    )


def test_article_that_is_a_preprint_too_names_both() -> None:
    said = bibtex({"doi": "10.5555/a", "arxiv": "2603.00001"}, venue="Moths", categories=["not one of arXiv's"])
    assert re.findall(r"^  (\w+) =", said, re.MULTILINE) == [
        "title",
        "author",
        "journal",
        "eprint",
        "archivePrefix",
        "doi",
        "url",
        "year",
        "month",
    ]


@pytest.mark.parametrize(
    ("url", "cited"),
    [("https://example.org/17", "https://example.org/17"), ("", PAGE), ("javascript:alert(7)", PAGE)],
)
def test_paper_known_by_nothing_else_is_cited_by_its_page(url: str, cited: str) -> None:
    assert field("url", url=url) == cited


@pytest.mark.parametrize(
    ("title", "written"),
    [
        ("A & B: 100% of #1, a_b for $5", r"{A \& B: 100\% of \#1, a\_b for \$5}"),
        ("Half a { brace", r"{Half a {\textbraceleft} brace}"),
        ("On $\\alpha$-mixing", r"{On \ensuremath{\alpha}-mixing}"),
        ("Erdős, Łódź and Gödel", r"{Erd\H{o}s, {\L}\'od\'z and G\"odel}"),
        ("王伟 on moths", "{王伟 on moths}"),
        ("A ~ c ^ d", r"{A {\textasciitilde} c {\textasciicircum} d}"),
    ],
)
def test_title_is_written_as_tex_reads_it(title: str, written: str) -> None:
    assert field("title", title=title) == written


@pytest.mark.parametrize(
    ("authors", "count", "written"),
    [
        ([], 0, ""),
        (["Ada Lindqvist"], 3000, "Ada Lindqvist and others"),
        (["The ATLAS Collaboration", "Bo Kim"], 0, "{The ATLAS Collaboration} and Bo Kim"),
        (["Institute of Light and Moths"], 0, "{Institute of Light and Moths}"),
        (["Fernand Sanders"], 0, "Fernand Sanders"),
    ],
)
def test_authors_are_parted_as_bibtex_parts_them(authors: list[str], count: int, written: str) -> None:
    assert field("author", authors=authors, author_count=count) == written


@pytest.mark.parametrize(
    ("given", "key"),
    [
        ({}, "lindqvist2026adaptive"),
        ({"title": "On the Use of Moths"}, "lindqvist2026moths"),
        ({"title": "Of it"}, "lindqvist2026of"),
        ({"title": "$\\alpha$"}, "lindqvist2026alpha"),
        ({"title": "A CNN"}, "lindqvist2026cnn"),
        ({"authors": ["José Ångström-Núñez Jr."]}, "angstromnunez2026adaptive"),
        ({"authors": ["王伟"]}, "paper2026adaptive"),
        ({"authors": []}, "paper2026adaptive"),
        ({"title": 'x" onmouseover=1; evil/../path'}, "lindqvist2026onmouseover1"),
    ],
)
def test_key_is_surname_year_and_first_telling_word(given: dict[str, Any], key: str) -> None:
    citation = cite(paper(**given), {}, page=PAGE)
    assert (citation.key, citation.filename) == (key, f"{key}.bib")


def test_braces_in_addresses_do_not_end_the_field() -> None:
    assert field("url", url="https://example.org/{a}") == "https://example.org/%7Ba%7D"
    assert "  doi = {10.5555/%7Ba},\n  url = {https://doi.org/10.5555/%7Ba}," in bibtex(
        {"doi": "10.5555/{a"}, venue="M"
    )


@pytest.mark.parametrize(
    ("names", "given", "text"),
    [
        (
            {"arxiv": "2603.00001"},
            {},
            "Ada Lindqvist and José Ortega. Adaptive moths. arXiv:2603.00001, 2026. https://arxiv.org/abs/2603.00001",
        ),
        (
            {"doi": "10.5555/a"},
            {"venue": "Moths", "title": "Do $\\alpha$ moths?", "authors": ["A", "B", "C", "D"], "author_count": 9},
            "A, B, C et al. Do α moths? Moths, 2026. https://doi.org/10.5555/a",
        ),
        ({}, {"authors": []}, f"Adaptive moths. 2026. {PAGE}"),
    ],
)
def test_plain_text(names: dict[str, str], given: dict[str, Any], text: str) -> None:
    assert cite(paper(**given), names, page=PAGE).text == text


TEXT = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=60)


@given(TEXT, st.lists(TEXT, max_size=3), TEXT, TEXT)
def test_braces_are_balanced_whatever_a_source_says(title: str, authors: list[str], venue: str, doi: str) -> None:
    said = bibtex({"doi": doi}, title=title, authors=authors, venue=venue, url=f"https://example.org/{doi}")
    depth = 0
    for sign in said:
        depth += {"{": 1, "}": -1}.get(sign, 0)
        assert depth >= 0
    assert depth == 0
