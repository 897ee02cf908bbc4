from datetime import UTC, date, datetime
from typing import Any

import pytest

from digest.sources import arxiv_oai
from digest.sources.arxiv_record import category_of
from digest.sources.listing import AnnounceType, Identifier, Listing, Scheme
from tests.digest.sources.make import make_oai_answer, make_oai_metadata, make_oai_record

URL = "https://oaipmh.example.org/oai?set=cs:cs:CL&from=2026-03-03&until=2026-03-05"
OF_OTHER_DAYS = "https://oaipmh.example.org/oai?from=2020-01-01&until=2020-01-01"


def read_one(record: str, url: str = URL) -> Listing:
    parsed = arxiv_oai.read(make_oai_answer(record), url=url)
    assert parsed.skipped == ()
    return parsed.listings[0]


def in_arxiv(fields: str = "<created>2026-03-03</created>", **given: Any) -> str:
    """Make a record in the format arXiv."""
    stated = (
        f"<id>2603.00001</id>{fields}<authors><author><keyname>Lindgren</keyname><forenames>Ida</forenames></author>"
        "<author><keyname>Berg</keyname><forenames>Bo</forenames><suffix>Jr.</suffix></author>"
        "<author><keyname>STONE Collaboration</keyname></author></authors><title>Stones\n  in water</title>"
        "<categories>cs.CL math.AG</categories><abstract>  They sink.\n</abstract>"
    )
    return make_oai_metadata(f'<arXiv xmlns="http://arxiv.org/OAI/arXiv/">{stated}</arXiv>', **given)


def in_dublin_core(fields: str) -> str:
    """Make a record in the format oai_dc."""
    names = 'xmlns:oai_dc="http://www.openarchives.org/OAI/2.0/oai_dc/" xmlns:dc="http://purl.org/dc/elements/1.1/"'
    return make_oai_metadata(f"<oai_dc:dc {names}>{fields}</oai_dc:dc>", sets=("cs:cs:CL", "physics:hep-th"))


def test_record_with_versions() -> None:
    versions = ["Tue, 03 Mar 2026 15:00:00 GMT", "Wed, 04 Mar 2026 15:00:00 GMT"]
    assert read_one(make_oai_record(versions=versions, doi="10.5555/JIR.17")) == Listing(
        title="On things that are not yet known",
        identifiers=(Identifier(Scheme.ARXIV, "2603.00001"), Identifier(Scheme.DOI, "10.5555/jir.17")),
        abstract="We show that $n<p$.",
        authors=("Ida Lindgren", "Wei Zhang", "Bo Berg"),
        categories=("cs.CL", "math.AG"),
        url="https://arxiv.org/abs/2603.00001",
        pdf_url="https://arxiv.org/pdf/2603.00001",
        version=2,
        announce_type=AnnounceType.NEW,
        announced_on=date(2026, 3, 4),
        submitted_at=datetime(2026, 3, 3, 15, tzinfo=UTC),
    )


def test_latest_version_dates_a_replacement_whatever_the_order_of_versions() -> None:
    versions = ["Tue, 03 Mar 2026 15:00:00 GMT"] * 9 + ["Mon, 09 Mar 2026 15:00:00 GMT"]
    record = make_oai_record(versions=versions)
    tenth = record[record.index('<version version="v10"') : record.index("<title>")]
    shuffled = record.replace(tenth, "").replace("<version ", f"{tenth}<version ", 1)
    listing = read_one(shuffled, OF_OTHER_DAYS)
    assert (listing.version, listing.announced_on) == (10, date(2026, 3, 10))


def test_record_without_versions_is_of_no_day() -> None:
    listing = read_one(make_oai_record(versions=[]))
    assert (listing.version, listing.announce_type) == (1, AnnounceType.REPLACE)
    assert (listing.announced_on, listing.submitted_at) == (None, None)


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({}, False),
        ({"comments": "This paper has been withdrawn by the author"}, True),
        ({"abstract": "This paper has been withdrawn."}, True),
        ({"title": "Withdrawn: Stones"}, True),
        ({"source_type": "I"}, True),
        ({"source_type": "D"}, False),
    ],
)
def test_withdrawn_paper(given: dict[str, str], expected: bool) -> None:
    assert read_one(make_oai_record(**given)).withdrawn is expected


def test_version_without_text_that_was_followed_by_another_is_no_withdrawal() -> None:
    record = make_oai_record(source_type="I")
    second = '<version version="v2"><date>Wed, 04 Mar 2026 15:00:00 GMT</date></version><title>'
    assert not read_one(record.replace("<title>", second)).withdrawn


def test_record_in_the_format_arxiv() -> None:
    listing = read_one(in_arxiv())
    assert listing.authors == ("Ida Lindgren", "Bo Berg Jr.", "STONE Collaboration")
    assert (listing.categories, listing.abstract) == (("cs.CL", "math.AG"), "They sink.")
    assert (listing.announce_type, listing.announced_on, listing.version) == (AnnounceType.NEW, date(2026, 3, 4), 1)


def test_day_that_is_later_than_the_number_is_not_that_of_the_first_version() -> None:
    listing = read_one(in_arxiv("<created>2026-04-07</created>"), "https://oaipmh.example.org/oai?from=2026-04-01")
    assert (listing.announce_type, listing.submitted_at) == (AnnounceType.REPLACE, None)
    assert listing.announced_on == date(2026, 4, 8)


def test_update_dates_a_replacement() -> None:
    listing = read_one(in_arxiv("<created>2026-03-03</created><updated>2026-03-10</updated>"), OF_OTHER_DAYS)
    assert (listing.announce_type, listing.announced_on) == (AnnounceType.REPLACE, date(2026, 3, 11))


def test_record_in_dublin_core() -> None:
    fields = (
        "<dc:title>Stones</dc:title><dc:creator>Lindgren, Ida</dc:creator><dc:creator>Zhang, Wei</dc:creator>"
        "<dc:subject>Computer Science - Computation and Language</dc:subject>"
        "<dc:description>They sink.</dc:description>"
        "<dc:description>Comment: withdrawn</dc:description><dc:date>2026-03-03</dc:date><dc:date>2026-03-10</dc:date>"
        "<dc:identifier>http://arxiv.org/abs/2603.00001</dc:identifier>"
        "<dc:identifier>doi:10.5555/jir.17</dc:identifier>"
    )
    listing = read_one(in_dublin_core(fields))
    assert (listing.title, listing.abstract, listing.withdrawn) == ("Stones", "They sink.", True)
    assert (listing.authors, listing.categories) == (("Ida Lindgren", "Wei Zhang"), ("cs.CL", "hep-th"))
    assert [identifier.value for identifier in listing.identifiers] == ["2603.00001", "10.5555/jir.17"]
    assert (listing.announce_type, listing.announced_on) == (AnnounceType.NEW, date(2026, 3, 4))


def test_first_of_several_dois_counts() -> None:
    listing = read_one(make_oai_record(doi="10.5555/jir.17 10.5555/jir.18"))
    assert [identifier.value for identifier in listing.identifiers] == ["2603.00001", "10.5555/jir.17"]


def test_old_number_is_known_by_its_archive() -> None:
    listing = read_one(make_oai_record(number="math/0309136", versions=["Mon, 08 Sep 2003 15:00:00 GMT"]))
    assert (listing.identifiers[0].value, listing.announced_on) == ("math/0309136", date(2003, 9, 9))


@pytest.mark.parametrize(
    ("spec", "expected"),
    [
        ("cs:cs:CL", "cs.CL"),
        ("physics:hep-th", "hep-th"),
        ("physics:physics:optics", "physics.optics"),
        ("physics:cond-mat:mes-hall", "cond-mat.mes-hall"),
        ("cs:cs", ""),
        ("cs", ""),
        ("", ""),
    ],
)
def test_category_of_a_set(spec: str, expected: str) -> None:
    assert category_of(spec) == expected
