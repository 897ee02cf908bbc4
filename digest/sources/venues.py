"""The journal's name out of the name of its feed: "Wiley: Stones: Table of Contents" is about "Stones".

Only what publishers are known to write around it is taken away; whether a feed's name is a journal's at all, its
reader decides.
"""

import re

_FRAMES = tuple(
    re.compile(frame, re.IGNORECASE)
    for frame in (
        r"ScienceDirect Publication: (?P<journal>.+)",
        r"(?:[\w .&]{1,40}: )?(?P<journal>.+?): Table of Contents",
        r"(?:Latest|Recent|New|Newest) (?:Articles|Papers|Results) (?:from|in|for|of) (?:the )?(?P<journal>.+)",
        r"RSC - (?P<journal>.+?) latest articles",
        r"(?P<journal>.+?):? (?:Latest Articles|Just Accepted)(?: \([^()]+\))?",
        r"(?P<journal>.+?)(?: -|,|:)? (?:(?:Current|Latest) Issue|Early (?:Access|View)|new TOC)(?: RSS)?",
        r"(?P<journal>.+?)(?: -|,|:)? Advance (?:Access|Articles)",
        r"(?P<journal>.+?)(?: -|,|:)? (?:Latest Results|New Articles|Most Recent Articles)",
    )
)


def framed_journal(name: str) -> str:
    """Return the journal in the name of one of its feeds, "" for a name that is no such frame."""
    found = next(filter(None, (frame.fullmatch(name) for frame in _FRAMES)), None)
    return found["journal"].strip() if found else ""
