import pytest

from digest.sources.identifiers import MAX_URL, arxiv_id, canonical_url, doi, identify, pmid, title_hash
from digest.sources.listing import Identifier, Scheme


@pytest.mark.parametrize(
    "text",
    [
        "2506.00001",
        "arXiv:2506.00001",
        "ARXIV:2506.00001",
        "arXiv: 2506.00001",
        " oai:arXiv.org:2506.00001\n",
        "http://arxiv.org/abs/2506.00001",
        "https://www.arxiv.org/abs/2506.00001",
        "https://export.arxiv.org/abs/2506.00001",
        "https://arxiv.org/abs/2506.00001?context=cs.CL",
        "https://arxiv.org/abs/2506.00001#comments",
        "https://arxiv.org/abs/2506.00001/",
        "https://arxiv.org/pdf/2506.00001",
        "https://arxiv.org/pdf/2506.00001.pdf",
        "HTTPS://ARXIV.ORG/PDF/2506.00001.PDF",
        "https://arxiv.org/html/2506.00001",
        "arxiv.org/abs/2506.00001",
        "https://ar5iv.org/abs/2506.00001",
        "https://ar5iv.labs.arxiv.org/html/2506.00001",
        "https://www.alphaxiv.org/overview/2506.00001",
        "https://huggingface.co/papers/2506.00001",
        "10.48550/arXiv.2506.00001",
        "doi:10.48550/arXiv.2506.00001",
        "https://doi.org/10.48550/arXiv.2506.00001",
        "https://dx.doi.org/10.48550/ARXIV.2506.00001",
    ],
)
def test_arxiv_id_in_every_spelling(text: str) -> None:
    assert arxiv_id(text) == ("2506.00001", 1)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("oai:arXiv.org:2506.00001v3", ("2506.00001", 3)),
        ("https://arxiv.org/abs/2506.00001v12?context=cs.CL", ("2506.00001", 12)),
        ("https://arxiv.org/pdf/2506.00001v2.pdf", ("2506.00001", 2)),
        ("arXiv:0704.0001V2", ("0704.0001", 2)),
        ("2506.00001v0", ("2506.00001", 1)),
    ],
)
def test_arxiv_version_is_kept_apart(text: str, expected: tuple[str, int]) -> None:
    assert arxiv_id(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("hep-th/9901001", ("hep-th/9901001", 1)),
        ("HEP-TH/9901001", ("hep-th/9901001", 1)),
        ("http://arxiv.org/abs/hep-th/9901001v3", ("hep-th/9901001", 3)),
        ("math.GT/0309136", ("math/0309136", 1)),
        ("https://arxiv.org/abs/math.GT/0309136v2", ("math/0309136", 2)),
        ("oai:arXiv.org:cond-mat.supr-con/9901001", ("cond-mat/9901001", 1)),
        ("10.48550/arXiv.math/0309136", ("math/0309136", 1)),
    ],
)
def test_old_and_legacy_arxiv_ids(text: str, expected: tuple[str, int]) -> None:
    assert arxiv_id(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "",
        "2513.00001",  # no thirteenth month
        "2500.00001",
        "https://arxiv.org/abs/2506.1",
        "2506.000011",
        "https://arxiv.org/list/cs.CL/new",
        "https://example.org/abs/2506.00001",
        "https://notarxiv.org.example/abs/2506.00001",
        "see arXiv:2506.00001 for more",
        "hep-th/990101",
        "10.5555/2506.00001",
    ],
)
def test_arxiv_id_of_anything_else_is_none(text: str) -> None:
    assert arxiv_id(text) is None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("10.5555/Jir.2026.17", "10.5555/jir.2026.17"),
        ("doi:10.5555/jir.17", "10.5555/jir.17"),
        ("DOI 10.5555/jir.17", "10.5555/jir.17"),
        ("https://doi.org/10.5555/jir.17", "10.5555/jir.17"),
        ("http://dx.doi.org/10.5555/jir.17?rft_dat=x%3D1", "10.5555/jir.17"),
        ("https://doi.org/10.5555/jir.17/", "10.5555/jir.17"),
        ("doi.org/10.5555/jir.17/", "10.5555/jir.17"),
        ("HTTPS://DOI.ORG/10.5555/JIR.17", "10.5555/jir.17"),
        ("https://jir.example.org/content/pdf/10.5555/jir.17.pdf", "10.5555/jir.17"),
        ("https://jir.example.org/article/10.5555/jir.17/fulltext.html", "10.5555/jir.17"),
        ("https://jir.example.org/doi/full/10.5555/jir.17?af=R", "10.5555/jir.17"),
        ("https://jir.example.org/doi/10.5555/jir.17/pdf", "10.5555/jir.17"),
        ("https://jir.example.org/article?id=10.5555%2Fjir.17&page=2", "10.5555/jir.17"),
        ("https://jir.example.org/10.5555/jir.17#section-2", "10.5555/jir.17"),
        ("(see doi: 10.5555/jir.17).", "10.5555/jir.17"),
        ("DOI:10.5555/jir.17。", "10.5555/jir.17"),
        ("10.5555/S0140-6736(05)12345-6", "10.5555/s0140-6736(05)12345-6"),
        ("(10.5555/S0140-6736(05)12345-6)", "10.5555/s0140-6736(05)12345-6"),
        (
            "10.5555/(SICI)1097-0258(199808)17:15<1661::AID-SIM968>3.0.CO;2-2",
            "10.5555/(sici)1097-0258(199808)17:15<1661::aid-sim968>3.0.co;2-2",
        ),
        ("https://www.biorxiv.example/content/10.1101/2026.03.01.123456v2", "10.1101/2026.03.01.123456"),
        ("https://www.biorxiv.example/content/10.1101/2026.03.01.123456v1.full", "10.1101/2026.03.01.123456"),
        ("10.1101/2026.03.01.123456", "10.1101/2026.03.01.123456"),
    ],
)
def test_doi_without_what_surrounds_it(text: str, expected: str) -> None:
    assert doi(text) == expected


@pytest.mark.parametrize("text", ["", "10.1/x", "10.5555/", "10.5555/...", "110.5555/x", "1.10.5555/x", "no doi"])
def test_doi_of_anything_else_is_none(text: str) -> None:
    assert doi(text) is None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("pubmed:34000017", "34000017"),
        ("PMID: 34000017", "34000017"),
        ("pmid:0034", "34"),
        ("https://pubmed.ncbi.nlm.nih.gov/34000017/?utm_source=x", "34000017"),
        ("https://www.ncbi.nlm.nih.gov/pubmed/34000017", "34000017"),
        ("34000017", None),
        ("pubmed:0", None),
        ("pubmed:9999999999", None),
        ("https://pubmed.ncbi.nlm.nih.gov/rss-feed/", None),
        ("", None),
    ],
)
def test_pmid(text: str, expected: str | None) -> None:
    assert pmid(text) == expected


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://e.example/a", "https://e.example/a"),
        ("https://e.example", "https://e.example/"),
        ("HTTPS://E.Example:443/A", "https://e.example/A"),
        ("http://e.example:80/a", "http://e.example/a"),
        ("http://e.example:8080/a", "http://e.example:8080/a"),
        ("http://[2606:4700::1111]:8080/a", "http://[2606:4700::1111]:8080/a"),
        ("https://e.example/a#top", "https://e.example/a"),
        ("https://e.example/a?utm_source=rss&utm_medium=x", "https://e.example/a"),
        ("https://e.example/a?af=R", "https://e.example/a"),
        ("https://e.example/a?rss=1", "https://e.example/a"),
        ("https://e.example/a?fbclid=x&id=7&UTM_Campaign=y", "https://e.example/a?id=7"),
        ("https://e.example/a?fc=2026&ff=20260304", "https://e.example/a"),
        ("https://e.example/a?q=%20b+c&empty", "https://e.example/a?q=%20b+c&empty"),
        ("\n  https://e.example/a\n  b ", "https://e.example/ab"),
        ("https://e.example/a b/ü", "https://e.example/a%20b/%C3%BC"),
        ("https://e.example/a%20b", "https://e.example/a%20b"),
    ],
)
def test_canonical_url(url: str, expected: str) -> None:
    assert canonical_url(url) == expected


@pytest.mark.parametrize(
    "url",
    [
        "",
        "/relative",
        "ftp://e.example/a",
        "javascript:alert(1)",
        "data:text/html,x",
        "file:///etc/passwd",
        "https:///nohost",
        "https://user:secret@e.example/",
        "https://[broken/",
        "https://e.example:port/",
        "https://e.example:99999/",
        "https://e.example/a\x00b",
        "https://e.example/" + "a" * MAX_URL,
    ],
)
def test_canonical_url_of_what_is_no_web_address_is_none(url: str) -> None:
    assert canonical_url(url) is None


def test_canonical_url_is_its_own() -> None:
    url = canonical_url("HTTP://E.Example:80/ä b?utm_source=x&y=%C3%BC z#f")
    assert url is not None
    assert canonical_url(url) == url


def test_title_hash_ignores_case_accents_and_signs() -> None:
    assert title_hash("On  Gödel’s  $n$-th THEOREM", "Ida Núñez") == title_hash("on godel s n th theorem!", "I. NUNEZ")


def test_title_hash_depends_on_words_and_surname() -> None:
    hashes = {
        title_hash("How stones float", "Ida Lindgren"),
        title_hash("How stones float", "Wei Zhang"),
        title_hash("How stones float"),
        title_hash("How stones sink", "Ida Lindgren"),
    }
    assert len(hashes) == 4
    assert {len(value) for value in hashes} == {64}


def pairs(identifiers: tuple[Identifier, ...]) -> list[tuple[str, str]]:
    return [(identifier.scheme.value, identifier.value) for identifier in identifiers]


def test_identify_orders_strongest_first() -> None:
    found = identify(
        title="T", pmid="17", doi="10.5555/a", arxiv="2506.00001", urls=["https://e.example/a", "https://e.example/b"]
    )
    assert pairs(found) == [
        ("arxiv", "2506.00001"),
        ("doi", "10.5555/a"),
        ("pmid", "17"),
        ("url", "https://e.example/a"),
        ("url", "https://e.example/b"),
    ]


def test_identify_knows_arxivs_own_dois() -> None:
    assert pairs(identify(title="T", doi="10.48550/arxiv.2506.00001")) == [("arxiv", "2506.00001")]
    both = identify(title="T", arxiv="2506.00001", doi="10.48550/arxiv.2506.00001")
    assert pairs(both) == [("arxiv", "2506.00001")]


def test_identify_leaves_out_addresses_that_repeat_a_stronger_identifier() -> None:
    found = identify(
        title="T",
        arxiv="2506.00001",
        doi="10.5555/a",
        pmid="17",
        urls=[
            "https://arxiv.org/abs/2506.00001v2",
            "https://doi.org/10.5555/a",
            "https://jir.example.org/doi/full/10.5555/a?af=R",
            "https://pubmed.ncbi.nlm.nih.gov/17/",
            "https://jir.example.org/articles/a",
        ],
    )
    assert pairs(found)[3:] == [("url", "https://jir.example.org/articles/a")]


def test_identify_keeps_one_of_equal_addresses_and_none_that_are_no_addresses() -> None:
    found = identify(title="T", urls=["https://e.example/a#x", "https://e.example/a?rss=1", "urn:uuid:17", ""])
    assert pairs(found) == [("url", "https://e.example/a")]


@pytest.mark.parametrize(
    "twin", ["http://e.example/a", "https://e.example/a/", "http://e.example:80/a/#top", "HTTPS://E.EXAMPLE/a?rss=1"]
)
def test_identify_knows_a_page_with_http_and_with_a_slash_at_its_end(twin: str) -> None:
    assert pairs(identify(title="T", urls=[twin])) == [("url", "https://e.example/a")]
    assert pairs(identify(title="T", urls=["https://e.example/a", twin])) == [("url", "https://e.example/a")]


def test_identify_keeps_pages_of_different_queries_apart() -> None:
    found = identify(title="T", urls=["https://e.example/?id=1", "http://e.example?id=2", "http://e.example"])
    assert pairs(found) == [
        ("url", "https://e.example/?id=1"),
        ("url", "https://e.example/?id=2"),
        ("url", "https://e.example/"),
    ]


def test_identify_leaves_out_a_page_that_https_makes_too_long() -> None:
    longest = "http://e.example/" + "a" * (MAX_URL - len("http://e.example/"))
    assert canonical_url(longest) == longest
    assert identify(title="", urls=[longest]) == ()


def test_identify_uses_the_title_only_where_nothing_else_is_known() -> None:
    assert identify(title="How stones float", authors=["Ida Lindgren"]) == (
        Identifier(Scheme.TITLE, title_hash("How stones float", "Ida Lindgren")),
    )
    assert pairs(identify(title="How stones float", urls=["https://e.example/a"])) == [("url", "https://e.example/a")]


@pytest.mark.parametrize("title", ["", "  ", "— ?!"])
def test_identify_of_nothing_is_empty(title: str) -> None:
    assert identify(title=title, authors=["Ida Lindgren"], urls=["nowhere"]) == ()


def test_page_is_no_longer_than_an_index_takes_it() -> None:
    assert identify(title="", urls=["https://e.example.org/?q=" + "紙" * 1900]) == ()
    assert len(identify(title="", urls=["https://e.example.org/?q=" + "紙" * 600])) == 1
