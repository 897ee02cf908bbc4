"""Entries of journal feeds that are no papers, told by their titles: front matter and notices about other papers."""

import re

_FRONT_MATTER = re.compile(
    r"""issue\ information | (?:front|back|end)[\ -]?matter
      | (?:inside\ )?(?:front|back)?\ ?cover(?:\ (?:image|picture|art))?
      | (?:table\ of\ )?contents | graphical\ (?:abstract|content)s? | editorial(?:\ board)? | masthead | imprint
      | (?:list\ of\ )?(?:reviewers|referees)(?:\ \d{4})? | (?:author|subject)\ index | index(?:\ to\ volume\ \d+)?
      | title\ page | (?:information|instructions|guide)\ for\ authors | publication\ information | announcements?
      | ieee\ .*(?:filler|publication\ information|society\ information|information\ for\ authors) | blank\ page
      | ac?knowledge?ments?\ (?:of|to)\ (?:reviewers|referees)""",
    re.IGNORECASE | re.VERBOSE,
)
_NOTICE = re.compile(
    r"(?:author |publisher |editorial )?(?:correction|retraction(?: note| notice)?|withdrawal|expression of concern)"
    r"(?: to| for| of)?\s*(?::|$)|(?:corrigendum|corrigenda|erratum|errata)(?: to| for| in)?\b",
    re.IGNORECASE,
)


def not_a_paper(title: str) -> str:
    """Return why an entry with this title is no paper, "" for a paper."""
    title = title.strip(" .")
    if _FRONT_MATTER.fullmatch(title):
        return f"front matter: {title}"
    if _NOTICE.match(title):
        return f"a notice about another paper: {title[:100]}"
    return ""
