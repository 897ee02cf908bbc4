"""Whether a paper was taken back, told by the words that its authors, arXiv or its journal put into its own metadata.

A paper about withdrawals ("drugs withdrawn from the market", "retraction maps") is not taken back, nor is one that
replaces a withdrawn paper, or that was withdrawn from a conference only. Notices about other papers are left to
`digest.sources.editorial`, what follows from a withdrawal to the store.
"""

import re

MAX_REMARK = 150  # characters of an abstract that says nothing else
MAX_NOTICE = 500  # a longer one is about something: only what it says of itself, in so many words, counts
MAX_READ = 20_000

_BACK = r"(?:withdrawn|retracted)"
_ITSELF = (
    r"(?:(?:arxiv|present|current|above)\s+)*(?:paper|article|manuscript|submission|pre-?print|e-?print|work|version"
    r"|draft|note|letter|report|document|chapter|review|study)(?:\s+\(?v\d{1,3}\)?)?"
)
_HOW = r"(?:(?:now|hereby|since|therefore|thus|voluntarily|temporarily|permanently)\s+)?"
_IS = rf"(?:h?as|have|is|was|being)\s+{_HOW}(?:been\s+)?{_HOW}"  # "as been" is how people mistype it
_WHO = r"(?:the\s+|all\s+|both\s+|its\s+|our\s+)*(?:\w+\s+)?(?:authors?|submitters?|editors?)"
# Who takes a paper back from a conference leaves it where it is.
_PUBLIC = r"(?:the\s+)?(?:(?:ar|bior|medr)xiv|publication|circulation|archive)\b"
_HERE = rf"(?!\w|['’]|(?:\s+by\s+{_WHO})?\s+from\s+(?!{_PUBLIC}))"
_ARXIV = r"(?:withdrawn|removed)\s+by\s+(?:the\s+)?arxiv\b"
_THIS_IS_BACK = rf"(?:this|our|the\s+(?:present|current|above))\s+{_ITSELF}\s+{_IS}(?:{_BACK}{_HERE}|{_ARXIV})"
_IT_IS_BACK = rf"(?:(?:this|our|the)\s+)?{_ITSELF}\s+(?:{_IS})?(?:{_BACK}{_HERE}|{_ARXIV})"
_THEY_TOOK = (
    rf"(?:{_WHO}|we|i|(?:ar|bior|medr)xiv)\s+(?:(?:has|have|wish(?:es)?\s+to|would\s+like\s+to|decided\s+to|hereby)\s+)*"
    r"(?:withdrawn|withdraws?|withdrew|retracted|retracts?)\s+"
)
_BARE = (
    rf"{_HOW}(?:{_ARXIV}|{_BACK}{_HERE}(?=\s*(?:$|[.,;:!()\[\]–—-]\s*(?:$|\W|[a-z])"
    r"|(?:by|due|because|owing|as|since|until|pending|for|in|at|after|to|and|on)\b))"
    rf"|withdrew\s+(?:this|the)\s+{_ITSELF}{_HERE})"
)

_SENTENCE = re.compile(r"(?<=[.;:!?)\]*])\s+|\s[-–—]\s|\n\s*\n")
_FRAME = " \t\"'“”‘’*([{"
_TAKEN = rf"{_THEY_TOOK}(?:this|our|their|the)\s+{_ITSELF}{_HERE}"
_IN_REMARK = re.compile(rf"{_IT_IS_BACK}|{_TAKEN}|{_BARE}", re.IGNORECASE)
_IN_NOTICE = re.compile(rf"{_IT_IS_BACK}|{_TAKEN}", re.IGNORECASE)
_IN_ABSTRACT = re.compile(rf"{_THIS_IS_BACK}|{_THEY_TOOK}(?:this|our)\s+{_ITSELF}{_HERE}", re.IGNORECASE)

_THING = r"(?:article|paper|chapter)"
_MARK = rf"(?:{_THING}\s+)?(?:withdrawn|retracted|temporary\s+removal|(?-i:REMOVED))(?:\s+{_THING})?"
_MARK_BEFORE = re.compile(rf"\s*(?:[\[(]\s*{_MARK}\s*[\])]\s*:?|{_MARK}\s*(?::|\s[-–]\s|—))\s*(?=\S)", re.IGNORECASE)
_MARK_AFTER = re.compile(rf"(?<=\S)\s*[\[(]\s*{_MARK}\s*[\])][\s.]*$", re.IGNORECASE)
_ONLY_MARK = re.compile(rf"(?:{_IT_IS_BACK}|{_BACK})(?:\s+(?:by|due|because)\b.*)?[\s.!)\]]*", re.IGNORECASE)


def withdrawn(title: str, abstract: str = "", comments: str = "") -> bool:
    """Say whether the texts tell of the paper itself that it was withdrawn, retracted or removed."""
    return bool(
        without_mark(title) != title
        or _ONLY_MARK.fullmatch(title.strip(_FRAME))
        or _says_so(abstract, _pattern(abstract))
        or _says_so(comments, _IN_REMARK)
    )


def without_mark(title: str) -> str:
    """Return "Stones" for "WITHDRAWN: Stones", "[Retracted] Stones" and "Stones (withdrawn)"; others as they are."""
    without = title[found.end() :] if (found := _MARK_BEFORE.match(title)) else title
    return _MARK_AFTER.sub("", without)


def _pattern(abstract: str) -> re.Pattern[str]:
    if len(abstract) <= MAX_REMARK:
        return _IN_REMARK
    return _IN_NOTICE if len(abstract) <= MAX_NOTICE else _IN_ABSTRACT


def _says_so(text: str, pattern: re.Pattern[str]) -> bool:
    if "withdr" not in (lowered := text[:MAX_READ].lower()) and "retract" not in lowered and "by arxiv" not in lowered:
        return False
    return any(pattern.match(sentence.lstrip(_FRAME)) for sentence in _SENTENCE.split(text[:MAX_READ]))
