import re
from collections import Counter
from urllib.parse import urlsplit

import pytest

from digest.models import Source
from digest.sources.catalogue import CATALOGUE, Entry, NotInCatalogue, find, search

ISSN = re.compile(r"https://api\.crossref\.org/journals/(\d{4}-\d{3}[\dX])/works")


def issn_of(entry: Entry) -> str:
    found = ISSN.fullmatch(entry.url)
    return found[1] if found else ""


def check_digit(issn: str) -> str:
    """Return the last sign that an ISSN's first seven digits ask for: weights 8 to 2, modulo 11, X for ten."""
    digits = issn.replace("-", "")[:7]
    rest = -sum(int(digit) * weight for digit, weight in zip(digits, range(8, 1, -1), strict=True)) % 11
    return "X" if rest == 10 else str(rest)


@pytest.mark.parametrize("what", ["name", "url"])
def test_catalogue_names_each_source_once(what: str) -> None:
    counts = Counter(getattr(entry, what).casefold() for entry in CATALOGUE)
    assert [value for value, count in counts.items() if count > 1] == []


def test_catalogue_has_every_category_of_arxiv() -> None:
    archives = Counter(entry.code.partition(".")[0] for entry in CATALOGUE if entry.kind == "arxiv")
    assert archives == {
        "cs": 40,
        "stat": 6,
        "eess": 4,
        "math": 32,
        "astro-ph": 6,
        "cond-mat": 9,
        "gr-qc": 1,
        "hep-ex": 1,
        "hep-lat": 1,
        "hep-ph": 1,
        "hep-th": 1,
        "math-ph": 1,
        "nlin": 5,
        "nucl-ex": 1,
        "nucl-th": 1,
        "physics": 22,
        "quant-ph": 1,
        "q-bio": 10,
        "econ": 3,
        "q-fin": 9,
    }


def test_catalogue_has_one_feed_for_each_category() -> None:
    listed = [entry for entry in CATALOGUE if entry.kind == "arxiv"]
    assert [entry.url for entry in listed] == [f"https://rss.arxiv.org/rss/{entry.code}" for entry in listed]


def test_catalogue_has_journals_of_twenty_publishers_and_more() -> None:
    publishers = {entry.publisher for entry in CATALOGUE if entry.group == "Journals"}
    assert len(publishers) >= 20
    assert "" not in publishers


def test_every_issn_has_its_check_digit() -> None:
    issns = [issn for issn in map(issn_of, CATALOGUE) if issn]
    assert len(issns) > 20
    assert [issn for issn in issns if issn[-1] != check_digit(issn)] == []


def test_every_source_at_crossref_is_a_journal_or_the_prefix_of_a_server() -> None:
    of_servers = re.compile(r"https://api\.crossref\.org/prefixes/10\.\d{4,5}/works")
    listed = [entry.url for entry in CATALOGUE if entry.kind == "crossref"]
    assert [url for url in listed if not ISSN.fullmatch(url) and not of_servers.fullmatch(url)] == []


@pytest.mark.parametrize("entry", CATALOGUE, ids=lambda entry: entry.name)
def test_every_entry_makes_a_source_that_the_models_take(entry: Entry) -> None:
    source = Source(
        name=entry.name,
        kind=entry.kind,
        url=entry.url,
        check_minutes=entry.check_minutes,
        quiet_days=entry.quiet_days,
    )
    source.clean_fields()
    source.clean()
    assert urlsplit(entry.url).scheme == "https"


@pytest.mark.parametrize(
    ("wanted", "name"),
    [
        ("cs.CL", "arXiv cs.CL: Computation and Language"),
        ("CS.cl", "arXiv cs.CL: Computation and Language"),
        ("arxiv cs.cl computation and language", "arXiv cs.CL: Computation and Language"),
        ("quant-ph", "arXiv quant-ph: Quantum Physics"),
        ("hugging face daily papers", "Hugging Face daily papers"),
        ("bioRxiv: Neuroscience", "bioRxiv: Neuroscience"),
        ("biorxiv neuroscience", "bioRxiv: Neuroscience"),
        ("  Nature ", "Nature"),
        ("https://www.nature.com/nature.rss", "Nature"),
    ],
)
def test_find_takes_a_name_a_code_or_an_address(wanted: str, name: str) -> None:
    assert find(wanted).name == name


def test_find_of_a_mistyped_name_says_what_is_near() -> None:
    with pytest.raises(NotInCatalogue) as caught:
        find("Natrue")
    assert str(caught.value) == "“Natrue” is not in the catalogue. Near: Nature."


def test_find_of_a_part_of_a_name_says_what_has_it() -> None:
    with pytest.raises(NotInCatalogue) as caught:
        find("lancet")
    assert str(caught.value) == "“lancet” is not in the catalogue. Near: The Lancet."


@pytest.mark.parametrize("wanted", ["", "gopher holes", "¶"])
def test_find_of_what_is_near_nothing_says_only_that(wanted: str) -> None:
    with pytest.raises(NotInCatalogue) as caught:
        find(wanted)
    assert str(caught.value) == f"“{wanted}” is not in the catalogue."


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("computation language", ["arXiv cs.CL: Computation and Language"]),
        ("Wiley", ["Advanced Materials"]),
        ("hugging", ["Hugging Face daily papers"]),
        ("gopher", []),
    ],
)
def test_search_finds_names_publishers_and_groups(text: str, names: list[str]) -> None:
    assert [entry.name for entry in search(text)] == names


def test_search_for_nothing_gives_all() -> None:
    assert search("  ") == CATALOGUE
