import pytest

from digest.sources.venues import framed_journal


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("ScienceDirect Publication: Stones & Water", "Stones & Water"),
        ("Wiley: Journal of Stones: Table of Contents", "Journal of Stones"),
        ("tandf: Stones: A Journal: Table of Contents", "Stones: A Journal"),
        ("Journal of Stones: Table of Contents", "Journal of Stones"),
        ("Latest Articles from StoneKeys", "StoneKeys"),
        ("Recent Articles in Phys. Rev. Stones", "Phys. Rev. Stones"),
        ("Latest Results for Stone Science", "Stone Science"),
        ("Stones: Latest Articles (ACS Publications)", "Stones"),
        ("RSC - Stone Sci. latest articles", "Stone Sci."),
        ("Journal of Stones Current Issue", "Journal of Stones"),
        ("Journal of Stones Advance Access", "Journal of Stones"),
        ("IEEE Transactions on Stones - new TOC", "IEEE Transactions on Stones"),
        ("Stones Early Access RSS", "Stones"),
        ("Journal of Stones", ""),
        ("Current Issue", ""),
        ("My papers of the week", ""),
        ("", ""),
    ],
)
def test_journal_is_what_its_publisher_frames(name: str, expected: str) -> None:
    assert framed_journal(name) == expected
