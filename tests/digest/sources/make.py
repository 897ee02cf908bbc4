"""Entries as feedparser leaves them and items as JSON decodes them, sane unless told otherwise; all invented."""

from datetime import UTC, datetime
from typing import Any

NOW = datetime(2026, 3, 5, 12, tzinfo=UTC)

ABSTRACT = (
    "We ask how a model that was trained on one kind of text behaves on another, and find that most of what is lost "
    "comes back when a few hundred examples of the new kind are seen. The effect holds for three families of models "
    "and for texts of very different length, and it is strongest where the two kinds share the fewest words."
)
CITATION = (
    "Ida Lindgren , Tomas A. Berg , Wei Zhang , Maria de la Cruz , Piotr Nowak , Aiko Sato , John B. Miller , Anna "
    "Rossi Journal of Invented Results 2026.03.04; doi: https://doi.org/10.5555/jir.2026.17 Add to Selected Citations"
)


def make_arxiv_entry(**given: Any) -> dict[str, Any]:
    """Make an entry of arXiv's daily RSS: number, version, kind and abstract go where arXiv writes them."""
    number = given.pop("number", "2603.00001")
    version = given.pop("version", 1)
    kind = given.pop("kind", "new")
    abstract = given.pop("abstract", "We show that $n<p$ for all but finitely many cases.")
    stated = {
        "title": "On things that are not yet known",
        "link": f"https://arxiv.org/abs/{number}",
        "id": f"oai:arXiv.org:{number}v{version}",
        "summary": f"arXiv:{number}v{version} Announce Type: {kind} \nAbstract: {abstract}",
        "tags": [{"term": "cs.CL"}, {"term": "math.AG"}],
        "published": "Wed, 04 Mar 2026 00:00:00 -0500",
        "arxiv_announce_type": kind,
        "authors": [{"name": "Ida Lindgren, Wei Zhang"}],
    }
    return stated | given


def make_feed(**given: Any) -> dict[str, Any]:
    return {"title": "Journal of Invented Results", "link": "https://jir.example.org/"} | given


def make_entry(**given: Any) -> dict[str, Any]:
    """Make an entry of a journal's feed."""
    stated = {
        "title": "What comes back",
        "link": "https://jir.example.org/articles/17",
        "id": "https://jir.example.org/articles/17",
        "summary": ABSTRACT,
        "authors": [{"name": "Ida Lindgren"}, {"name": "Wei Zhang"}],
        "published": "Tue, 03 Mar 2026 08:30:00 GMT",
    }
    return stated | given


def make_daily_item(**given: Any) -> dict[str, Any]:
    """Make an item of the daily papers: what is given replaces the paper's own fields, "outer" those around it."""
    outer = given.pop("outer", {})
    paper = {
        "id": "2603.00001",
        "title": "What comes back",
        "summary": ABSTRACT,
        "authors": [{"name": "Ida Lindgren", "hidden": False}, {"name": "Wei Zhang", "hidden": False}],
        "publishedAt": "2026-03-01T00:00:00.000Z",
        "submittedOnDailyAt": "2026-03-04T00:00:00.000Z",
        "upvotes": 12,
        "githubStars": 340,
    }
    around = {"title": "What comes back", "publishedAt": "2026-02-28T19:00:00.000Z", "numComments": 3}
    return {"paper": paper | given} | around | dict(outer)


def make_api_feed(**given: Any) -> dict[str, Any]:
    """Make the head of an answer of arXiv's API: one page of three, ten papers each."""
    stated = {
        "title": "arXiv Query: search_query=cat:cs.CL&id_list=&start=0&max_results=10",
        "updated": "2026-03-05T04:00:00Z",
        "opensearch_totalresults": "30",
        "opensearch_startindex": "0",
        "opensearch_itemsperpage": "10",
    }
    return stated | given


def make_api_entry(**given: Any) -> dict[str, Any]:
    """Make an entry of arXiv's API, submitted on a Tuesday morning in New York."""
    number, version = given.pop("number", "2603.00001"), given.pop("version", 1)
    stated = {
        "id": f"http://arxiv.org/abs/{number}v{version}",
        "link": f"https://arxiv.org/abs/{number}v{version}",
        "title": "On things that are\n not yet known",
        "summary": "We show that $n<p$.\n",
        "published": "2026-03-03T15:00:00Z",
        "updated": "2026-03-03T15:00:00Z",
        "tags": [{"term": "math.AG"}, {"term": "cs.CL"}],
        "arxiv_primary_category": {"term": "cs.CL"},
        "authors": [{"name": "Ida Lindgren"}, {"name": "Wei Zhang"}],
    }
    return stated | given


def make_oai_record(**given: Any) -> str:
    """Make a record in the format arXivRaw; `versions` are the moments of submission, "" leaves a field out."""
    fields = {
        "title": "On things that are not yet known",
        "authors": "Ida Lindgren (Northern University), Wei Zhang and Bo Berg",
        "categories": "cs.CL math.AG",
        "comments": "12 pages",
        "doi": "",
        "abstract": "We show that $n&lt;p$.",
    } | given
    number, source_type = fields.pop("number", "2603.00001"), fields.pop("source_type", "")
    moments = fields.pop("versions", ["Tue, 03 Mar 2026 15:00:00 GMT"])
    versions = "".join(
        f'<version version="v{place}"><date>{moment}</date><size>9kb</size></version>'
        for place, moment in enumerate(moments, start=1)
    )
    if source_type:
        versions = versions.removesuffix("</version>") + f"<source_type>{source_type}</source_type></version>"
    stated = "".join(f"<{name}>{text}</{name}>" for name, text in fields.items() if text)
    return make_oai_metadata(
        f'<arXivRaw xmlns="http://arxiv.org/OAI/arXivRaw/"><id>{number}</id>{versions}{stated}</arXivRaw>', number
    )


def make_oai_metadata(metadata: str, number: str = "2603.00001", *, sets: tuple[str, ...] = ("cs:cs:CL",)) -> str:
    """Make a record out of its metadata, in whatever format."""
    specs = "".join(f"<setSpec>{spec}</setSpec>" for spec in sets)
    header = f"<identifier>oai:arXiv.org:{number}</identifier><datestamp>2026-03-04</datestamp>{specs}"
    return f"<record><header>{header}</header><metadata>{metadata}</metadata></record>"


def make_oai_answer(*records: str, content: str = "", token: str | None = None) -> bytes:
    """Make an answer to ListRecords: of `records` with the token of the next page, or of any other `content`."""
    more = "" if token is None else f"<resumptionToken expires='2026-03-05T00:00:00Z'>{token}</resumptionToken>"
    content = content or f"<ListRecords>{''.join(records)}{more}</ListRecords>"
    return (
        '<?xml version="1.0" encoding="UTF-8"?><OAI-PMH xmlns="http://www.openarchives.org/OAI/2.0/">'
        f"<responseDate>2026-03-05T04:00:00Z</responseDate>{content}</OAI-PMH>"
    ).encode()


def make_posting(**given: Any) -> dict[str, Any]:
    """Make a record of the API of bioRxiv."""
    stated = {
        "doi": "10.1101/2026.03.01.123456",
        "title": "How stones float",
        "authors": "Lindgren, I.; Zhang, W.; O'Hara, R. J.",
        "author_corresponding": "Ida Lindgren",
        "date": "2026-03-04",
        "version": "1",
        "type": "new results",
        "category": "cell biology",
        "abstract": ABSTRACT,
        "published": "NA",
        "server": "bioRxiv",
    }
    return stated | given


def make_work(**given: Any) -> dict[str, Any]:
    """Make a work of Crossref's: an article of a journal."""
    stated = {
        "DOI": "10.5555/JIR.17",
        "type": "journal-article",
        "title": ["How stones float"],
        "container-title": ["Journal of Invented Results"],
        "author": [{"given": "Ida", "family": "Lindgren"}, {"given": "Wei", "family": "Zhang"}],
        "abstract": f"<jats:title>Abstract</jats:title><jats:p>{ABSTRACT}</jats:p>",
        "created": {"date-parts": [[2026, 3, 4]], "date-time": "2026-03-04T07:30:00Z"},
        "issued": {"date-parts": [[2026, 4]]},
        "URL": "https://doi.org/10.5555/jir.17",
    }
    return stated | given
