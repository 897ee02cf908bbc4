import pytest

from digest.sources.address import host_of


@pytest.mark.parametrize(
    ("url", "host"),
    [
        ("https://rss.arxiv.org/rss/cs.CL", "rss.arxiv.org"),
        ("HTTPS://RSS.arXiv.org./rss/cs.CL", "rss.arxiv.org"),
        ("http://bücher.example/feed", "xn--bcher-kva.example"),
        ("http://[::1]:8000/", "::1"),
        ("https://user@feeds.example.org:444/", "feeds.example.org"),
        ("file:journal.xml", ""),
        ("ftp://feeds.example.org/", ""),
        ("http://[broken", ""),
        ("http://" + "x" * 300 + ".example/", ""),
        ("", ""),
    ],
)
def test_host_is_told_from_the_address(url: str, host: str) -> None:
    assert host_of(url) == host
