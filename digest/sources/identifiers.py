"""What a paper is known by, out of every spelling in which sources write it.

Each function returns None for text that names no such identifier. `identify` orders and completes the identifiers of
one listing; which paper they belong to is decided in `digest.ingest.store`.
"""

import hashlib
import re
import unicodedata
from collections.abc import Iterable, Sequence
from urllib.parse import SplitResult, parse_qsl, quote, unquote, urlencode, urlsplit

from digest.sources.listing import Identifier, Scheme

MAX_URL = 2048

_ARXIV = re.compile(
    r"""(?: (?:https?://)? (?:[\w-]+\.)* (?:arxiv\.org|ar5iv\.org|alphaxiv\.org) /
            (?:abs|pdf|html|format|src|ps|e-print|overview)/
          | (?:https?://)? huggingface\.co/papers/
          | (?:doi:\s* | (?:https?://)? (?:dx\.)? doi\.org/)? 10\.48550/arxiv\.
          | oai:arxiv\.org:
          | arxiv\s*:\s* )?
        (?P<id> \d\d(?:0[1-9]|1[0-2])\.\d{4,5} | [a-z]+(?:-[a-z]+)?(?:\.[a-z-]+)?/\d\d(?:0[1-9]|1[0-2])\d{3} )
        (?:v(?P<version>\d{1,3}))?
        (?:\.pdf)? /? (?:[?\#].*)?""",
    re.IGNORECASE | re.VERBOSE | re.DOTALL,
)
_LEGACY_CLASS = re.compile(r"\.[a-z-]+(?=/)")
_DOI = re.compile(r"(?<![\d.])10\.\d{4,9}/[!-~]{1,300}")
_DOI_VIEW = re.compile(r"(?:/(?:full|abstract|abs|e?pdf|epub|html|meta|references|fulltext(?:\.html)?)/?|\.pdf)$")
_PREPRINT_VERSION = re.compile(r"^(10\.(?:1101|64898)/[\d.]+\d)v\d+.*$")  # bioRxiv and medRxiv
_PMID = re.compile(
    r"(?:pubmed:|pmid:?\s*|https?://pubmed\.ncbi\.nlm\.nih\.gov/|https?://www\.ncbi\.nlm\.nih\.gov/pubmed/)(\d{1,9})\b.*",
    re.IGNORECASE | re.DOTALL,
)
# Parameters that say how the reader came, not which paper is meant.
_TRACKING = re.compile(
    r"utm_\w+|af|rss|feed|ff|fc|fbclid|gclid|dclid|msclkid|yclid|igshid|mc_[ce]id|_hs(?:enc|mi)|mkt_tok|dgcid|rft_dat"
    r"|ref_src|cmpid|wt_mc|cm_mmc|icid|ncid",
    re.IGNORECASE,
)
_DEFAULT_PORTS = {"http": 80, "https": 443}


def arxiv_id(text: str) -> tuple[str, int] | None:
    """Return the base id and the version (1 where none is named): "math.GT/0309136v2" is ("math/0309136", 2)."""
    found = _ARXIV.fullmatch(text.strip())
    if not found:
        return None
    return _LEGACY_CLASS.sub("", found["id"].lower()), int(found["version"] or 1) or 1


def doi(text: str) -> str | None:
    """Return the DOI that `text` is or holds, in lower case; a link's query and view ("/pdf") are no part of it."""
    found = _DOI.search(unquote(text))
    if not found:
        return None
    value = found[0].lower()
    if "://" in text:
        value = _DOI_VIEW.sub("", re.split(r"[?&#]", value)[0])
    value = _PREPRINT_VERSION.sub(r"\1", _trimmed(value))
    return value if _DOI.fullmatch(value) else None


def _trimmed(value: str) -> str:
    """Drop the punctuation of the sentence around it; a closing bracket stays where its opening one is inside."""
    while value[-1] in ".,;:'\">/" or any(
        value[-1] == closing and value.count(closing) > value.count(opening) for opening, closing in ("()", "[]", "{}")
    ):
        value = value[:-1]
    return value


def pmid(text: str) -> str | None:
    found = _PMID.fullmatch(text.strip())
    return found[1].lstrip("0") or None if found else None


def canonical_url(url: str) -> str | None:
    """Return one spelling for the addresses of one page; None for what is no web address or is too long."""
    url = re.sub(r"[\t\r\n]+\s*", "", url.strip())
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError:  # "http://[broken", a port that is no number
        return None
    if parts.scheme not in _DEFAULT_PORTS or not host or "@" in parts.netloc or not url.isprintable():
        return None
    if ":" in host:
        host = f"[{host}]"
    if port and port != _DEFAULT_PORTS[parts.scheme]:
        host = f"{host}:{port}"
    path = quote(parts.path or "/", safe="/%:@!$&'()*+,;=~-._")
    canonical = SplitResult(parts.scheme, host, path, _untracked(parts.query), "").geturl()
    return canonical if len(canonical) <= MAX_URL else None


def _page(url: str) -> str | None:
    """Return what a page is known by: with http or https, with or without a slash at its end, it is the same page."""
    address = canonical_url(url)
    if not address:
        return None
    parts = urlsplit(address)
    page = parts._replace(scheme="https", path=parts.path.rstrip("/") or "/").geturl()
    return page if len(page.encode()) <= MAX_URL else None  # in bytes: no index takes more of them


def _untracked(query: str) -> str:
    """Drop tracking parameters; a query without any stays letter for letter."""
    pairs = parse_qsl(query, keep_blank_values=True)
    kept = [(name, value) for name, value in pairs if not _TRACKING.fullmatch(name)]
    return query if len(kept) == len(pairs) else urlencode(kept)


def title_hash(title: str, first_author: str = "") -> str:
    """Return the sha256 of the title's words and the first author's surname: case, accents and signs do not count."""
    surname = (_words(first_author) or [""])[-1]
    return hashlib.sha256(f"{' '.join(_words(title))}|{surname}".encode()).hexdigest()


def _words(text: str) -> list[str]:
    plain = "".join(sign for sign in unicodedata.normalize("NFKD", text) if not unicodedata.combining(sign))
    return re.findall(r"[^\W_]+", plain.casefold())


def identify(
    *,
    title: str,
    authors: Sequence[str] = (),
    arxiv: str | None = None,
    doi: str | None = None,
    pmid: str | None = None,
    urls: Iterable[str] = (),
) -> tuple[Identifier, ...]:
    """Return a listing's identifiers, strongest first; () where there is not even a title.

    An address that only repeats a stronger identifier is none of its own, and a title speaks only where nothing else
    does.
    """
    if doi and (alias := arxiv_id(doi)):
        arxiv, doi = arxiv or alias[0], None
    found = [
        Identifier(scheme, value)
        for scheme, value in ((Scheme.ARXIV, arxiv), (Scheme.DOI, doi), (Scheme.PMID, pmid))
        if value
    ]
    stated = {identifier.value for identifier in found}
    pages = dict.fromkeys(page for url in urls if (page := _page(url)))
    found += [Identifier(Scheme.URL, page) for page in pages if not _repeats(page, stated)]
    if not found and _words(title):
        found = [Identifier(Scheme.TITLE, title_hash(title, authors[0] if authors else ""))]
    return tuple(found)


def _repeats(url: str, stated: set[str]) -> bool:
    base_id = arxiv_id(url)
    return bool(stated & {base_id[0] if base_id else None, doi(url), pmid(url)})
