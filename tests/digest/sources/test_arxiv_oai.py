from datetime import date
from pathlib import Path

import pytest

from digest.sources import arxiv_oai
from digest.sources.arxiv_oai import OaiError, page_url, request_url, set_of
from digest.sources.listing import AnnounceType, Listing, Parsed, Skipped
from tests.digest.sources.make import make_oai_answer, make_oai_metadata, make_oai_record

DATA = Path(__file__).parents[4] / "shared" / "data" / "arxiv_oai"
BASE = "https://oaipmh.example.org/oai"
URL = request_url("cs.CL", date(2026, 3, 3), date(2026, 3, 4), base=BASE)
AT_NOON = "%a, %d %b %Y 16:00:00 GMT"


def record(number: str, *days: date, **given: str) -> str:
    """Make a record whose versions were submitted at about noon of `days`."""
    return make_oai_record(number=number, versions=[f"{day:{AT_NOON}}" for day in days], **given)


def read(*records: str, url: str = URL, category: str = "", token: str | None = None) -> Parsed:
    return arxiv_oai.read(make_oai_answer(*records, token=token), url=url, category=category)


def read_one(*days: date, url: str = URL, **given: str) -> Listing:
    parsed = read(record("2603.00001", *days, **given), url=url)
    assert parsed.skipped == ()
    return parsed.listings[0]


@pytest.mark.parametrize(
    ("category", "expected"),
    [
        ("cs.CL", "cs:cs:CL"),
        ("stat.ML", "stat:stat:ML"),
        ("q-bio.NC", "q-bio:q-bio:NC"),
        ("hep-th", "physics:hep-th"),
        ("astro-ph.HE", "physics:astro-ph:HE"),
        ("cond-mat.mes-hall", "physics:cond-mat:mes-hall"),
        ("physics.optics", "physics:physics:optics"),
        ("nlin.SI", "physics:nlin:SI"),
        ("math-ph", "physics:math-ph"),
    ],
)
def test_set_of_a_category(category: str, expected: str) -> None:
    assert set_of(category) == expected


def test_address_for_days_that_were_missed_ends_a_day_later() -> None:
    assert request_url("cs.CL", date(2026, 3, 3), date(2026, 3, 4)) == (
        "https://oaipmh.arxiv.org/oai?verb=ListRecords&metadataPrefix=arXivRaw"
        "&set=cs:cs:CL&from=2026-03-03&until=2026-03-05"
    )


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        (f"{BASE}?set=cs:cs:CL", f"{BASE}?verb=ListRecords&metadataPrefix=arXivRaw&set=cs:cs:CL&from=2026-03-04"),
        (
            f"{BASE}?verb=ListRecords&metadataPrefix=arXiv&set=cs&from=2020-01-01#x",
            f"{BASE}?verb=ListRecords&metadataPrefix=arXiv&set=cs&from=2026-03-04",
        ),
        (BASE, f"{BASE}?verb=ListRecords&metadataPrefix=arXivRaw&from=2026-03-04"),
    ],
)
def test_address_for_what_changed_since_a_day(source: str, expected: str) -> None:
    assert page_url(source, date(2026, 3, 4)) == expected


def test_paper_first_announced_in_the_days_asked_for_is_new() -> None:
    listing = read_one(date(2026, 3, 2))
    assert (listing.announce_type, listing.announced_on) == (AnnounceType.NEW, date(2026, 3, 3))


def test_paper_that_was_replaced_since_is_still_new() -> None:
    listing = read_one(date(2026, 3, 2), date(2026, 3, 4))
    assert (listing.announce_type, listing.announced_on) == (AnnounceType.NEW, date(2026, 3, 3))
    assert listing.version == 2


def test_paper_of_another_category_is_a_cross_listing() -> None:
    assert read_one(date(2026, 3, 2), categories="math.AG cs.CL").announce_type is AnnounceType.CROSS
    assert read_one(date(2026, 3, 2), categories="cs.CL math.AG").announce_type is AnnounceType.NEW


def test_whole_archive_has_no_cross_listings() -> None:
    url = URL.replace("cs:cs:CL", "cs")
    assert read_one(date(2026, 3, 2), categories="math.AG cs.CL", url=url).announce_type is AnnounceType.NEW


def test_category_may_be_named_beside_the_address() -> None:
    parsed = read(record("2603.00001", date(2026, 3, 2), categories="math.AG cs.CL"), url="", category="cs.CL")
    assert (parsed.title, parsed.listings[0].announce_type) == ("arXiv cs.CL", AnnounceType.CROSS)


def test_older_paper_with_a_new_version_is_a_replacement_of_its_day() -> None:
    listing = read_one(date(2026, 2, 2), date(2026, 3, 3))
    assert (listing.announce_type, listing.version) == (AnnounceType.REPLACE, 2)
    assert listing.announced_on == date(2026, 3, 4)


def test_older_paper_of_one_version_is_a_replacement_that_is_no_news() -> None:
    listing = read_one(date(2026, 2, 2))
    assert (listing.announce_type, listing.version) == (AnnounceType.REPLACE, 1)
    assert listing.announced_on == date(2026, 2, 3)


def test_paper_announced_after_the_days_asked_for_is_a_replacement() -> None:
    assert read_one(date(2026, 3, 5)).announce_type is AnnounceType.REPLACE


def test_without_days_everything_is_of_the_day_of_its_first_version() -> None:
    listing = read_one(date(2026, 2, 2), date(2026, 3, 3), url=f"{BASE}?verb=GetRecord")
    assert (listing.announce_type, listing.announced_on) == (AnnounceType.NEW, date(2026, 2, 3))


def test_paper_that_moderators_held_back_is_new_by_its_number() -> None:
    parsed = read(
        record("2603.00090", date(2026, 2, 26)),
        record("2603.00091", date(2026, 2, 9)),
        record("2603.00092", date(2026, 3, 2)),
    )
    days = [(paper.announce_type.value, paper.announced_on) for paper in parsed.listings]
    assert days == [
        ("replace", date(2026, 2, 27)),
        ("new", date(2026, 3, 3)),
        ("new", date(2026, 3, 3)),
    ]


def test_bulk_edit_brings_back_old_papers_and_no_news() -> None:
    parsed = read(*(record(f"2401.{place:05}", date(2024, 1, 2)) for place in range(1, 40)))
    assert {paper.announce_type for paper in parsed.listings} == {AnnounceType.REPLACE}
    assert parsed.announced_on is None


def test_answer_is_of_the_latest_day_that_announced_one_of_its_papers() -> None:
    parsed = read(
        record("2603.00001", date(2026, 3, 2)),
        record("2603.00002", date(2026, 3, 3)),
        record("2401.00001", date(2024, 1, 2), date(2026, 3, 4)),
    )
    assert (parsed.kind, parsed.title, parsed.announced_on) == ("arxiv-oai", "arXiv cs.CL", date(2026, 3, 4))


def test_next_page_keeps_what_was_asked() -> None:
    opaque = "verb%3DListRecords%26set%3Dcs%253Acs%253ACL%26from%3D2026-03-04%26skip%3D12"
    second = read(record("2603.00001", date(2026, 3, 2)), token=opaque).next_url
    asked = "#set=cs:cs:CL&from=2026-03-03&until=2026-03-05"
    assert second == f"{BASE}?verb=ListRecords&resumptionToken={opaque.replace('%', '%25')}{asked}"
    parsed = read(record("2603.00001", date(2026, 3, 2), categories="math.AG cs.CL"), url=second, token="x|7 &amp;")
    assert (parsed.listings[0].announce_type, parsed.listings[0].announced_on) == (AnnounceType.CROSS, date(2026, 3, 3))
    assert parsed.next_url == f"{BASE}?verb=ListRecords&resumptionToken=x%7C7+%26{asked}"


@pytest.mark.parametrize("token", [None, "", "  \n"])
def test_last_page_has_an_empty_token_or_none(token: str | None) -> None:
    assert read(record("2603.00001", date(2026, 3, 2)), token=token).next_url == ""


def test_answer_read_from_a_file_has_no_next_page() -> None:
    assert read(record("2603.00001", date(2026, 3, 2)), url="", token="more").next_url == ""


def test_nothing_in_those_days_is_no_failure() -> None:
    body = make_oai_answer(content='<error code="noRecordsMatch">no records</error>')
    parsed = arxiv_oai.read(body, url=URL)
    assert parsed == Parsed(kind="arxiv-oai", title="arXiv cs.CL", url="", listings=())


@pytest.mark.parametrize("code", ["badResumptionToken", "badArgument", "cannotDisseminateFormat"])
def test_error_of_the_server(code: str) -> None:
    body = make_oai_answer(content=f"<error code='{code}'>until date too late</error>")
    with pytest.raises(OaiError, match=f"^{code}: until date too late$") as caught:
        arxiv_oai.read(body, url=URL)
    assert caught.value.code == code


def test_error_beside_an_empty_list_is_still_one() -> None:
    body = make_oai_answer(content='<error code="noRecordsMatch"/><error code="badArgument"/>')
    with pytest.raises(OaiError, match=r"^badArgument$"):
        arxiv_oai.read(body, url=URL)


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (b"", r"^no well-formed XML, or cut off: "),
        (b"down for maintenance", r"^no well-formed XML, or cut off: "),
        (b"<html><title>Sorry</title></html>", r"^no answer of OAI-PMH, but <html>$"),
        (make_oai_answer(content="<Identify/>"), r"^an answer of OAI-PMH, but not with records$"),
        (make_oai_answer(make_oai_record())[:-30], r"^no well-formed XML, or cut off: "),
        (b"<a>" * 1000, r"^no well-formed XML, or cut off: "),
    ],
)
def test_what_is_no_answer(body: bytes, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        arxiv_oai.read(body, url=URL)


def test_deleted_and_broken_records_are_skipped_one_by_one() -> None:
    deleted = '<record><header status="deleted"><identifier>oai:arXiv.org:2603.00009</identifier></header></record>'
    empty = "<record><header><identifier>oai:arXiv.org:2603.00008</identifier></header><metadata/></record>"
    nameless = make_oai_metadata('<dc xmlns="http://purl.org/dc/elements/1.1/"/>', "nonsense")
    parsed = read(deleted, make_oai_record(), empty, nameless, "<record/>")
    assert len(parsed.listings) == 1
    assert parsed.skipped == (
        Skipped(1, "the record was deleted: oai:arXiv.org:2603.00009"),
        Skipped(3, "a record without metadata: oai:arXiv.org:2603.00008"),
        Skipped(4, "no arXiv identifier: oai:arXiv.org:nonsense"),
        Skipped(5, "a record without metadata: "),
    )


def test_damage_inside_of_a_record_costs_no_other() -> None:
    parsed = read(make_oai_record(title="Stones \x02&#2; and &water"), make_oai_record(number="2603.00002"))
    assert [paper.title for paper in parsed.listings][1] == "On things that are not yet known"
    assert parsed.listings[0].title.startswith("Stones")


def test_damage_that_would_cost_a_record_is_an_error() -> None:
    body = make_oai_answer(make_oai_record(), make_oai_record(number="2603.00002")).replace(b"<record>", b"<rec", 1)
    with pytest.raises(ValueError, match=r"^no well-formed XML, or cut off: "):
        arxiv_oai.read(body, url=URL)


def test_document_type_opens_no_file_and_grows_nothing(tmp_path: Path) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("a secret")
    declared = f'<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;"><!ENTITY f SYSTEM "{secret.as_uri()}">]>'
    body = make_oai_answer(make_oai_record(title="Stones &b; &f;")).replace(
        b"<OAI-PMH", declared.encode() + b"<OAI-PMH"
    )
    assert arxiv_oai.read(body, url=URL).listings[0].title == "Stones &b; &f;"


def test_real_records() -> None:
    if not DATA.is_dir():
        pytest.skip("needs the OAI-PMH records of ../shared/data")
    answers = [arxiv_oai.read(path.read_bytes(), url="") for path in sorted(DATA.glob("*.xml"))]
    papers = [paper for answer in answers for paper in answer.listings]
    assert len(papers) == sum(len(path.read_bytes().split(b"</record>")) - 1 for path in DATA.glob("*.xml"))
    assert [answer.skipped for answer in answers] == [()] * len(answers)
    assert all(paper.title and paper.abstract and paper.authors and paper.categories for paper in papers)
