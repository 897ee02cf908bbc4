"""What stands in front of a feed: a wall against robots, or a login; said in words for staff, who can do something.

Only a web page can be one. A feed is a feed, whatever its entries speak of; and a page without a mark of a known wall
is left to `parse`, which says that it is no feed.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

PAGE_BYTES = 200_000  # of an answer that are looked at: walls are short
BARE_BYTES = 20_000  # a page as short as this has little on it but its captcha

_WALL_STATUSES = (202, 403, 405, 406, 429, 503)  # that walls answer with, beside 200
_HEADERS = (
    ("Cloudflare", "cf-mitigated"),
    ("AWS WAF", "x-amzn-waf-action"),
    ("Vercel", "x-vercel-mitigated"),
)
_MARKS = tuple(
    (name, re.compile(mark, re.IGNORECASE))
    for name, mark in (
        ("Cloudflare", rb"_cf_chl_opt|cf-browser-verification|<title>\s*just a moment\.\.\.|\| cloudflare\s*</title>"),
        ("Cloudflare", rb"\A\s*error code: 1\d\d\d\s*\Z"),
        ("DataDome", rb"captcha-delivery\.com"),
        ("HUMAN (PerimeterX)", rb"px-captcha"),
        ("Akamai", rb"errors\.edgesuite\.net|sec-if-cpt-container"),
        ("Imperva", rb"incapsula incident id|pardon our interruption"),
        ("Anubis", rb"anubis_challenge|/\.within\.website/x/cmd/anubis/"),
        ("Radware", rb"validate\.perfdrive\.com|radware (?:bot manager|captcha)"),
        ("F5", rb"the requested url was rejected\. please consult with your administrator"),
        ("Sucuri", rb"sucuri_cloudproxy_js|sucuri website firewall"),
        ("DDoS-Guard", rb"<title>\s*ddos-guard|check\.ddos-guard\.net"),
        ("Kasada", rb"\bkpsdk\b"),
        ("A wall against robots", rb"enable javascript and cookies to continue"),
        (
            "A wall against robots",
            rb"<title>[^<]{0,80}(?:captcha|robot|human verification|security check|your browser\b|access denied)",
        ),
    )
)
# Ordinary pages have these, too, among much else.
_WIDGETS = re.compile(
    rb"g-recaptcha|h-captcha|hcaptcha\.com|cf-turnstile|challenges\.cloudflare\.com|_incapsula_resource|awswaf\.com",
    re.IGNORECASE,
)
_PASSWORD = re.compile(rb"<input\b[^>]{0,500}?\btype\s*=\s*[\"']?password\b", re.IGNORECASE)
_LOGIN_ADDRESS = re.compile(
    r"(?:^|[/._-])(?:log-?[io]n|sign-?in|sso|idp|saml2?|cas|shibboleth|wayf|openathens|auth(?:enticate)?)(?:$|[/._-])",
    re.IGNORECASE,
)
_FEED = re.compile(rb"<(?:[\w.-]+:)?(?:rss|feed|rdf|oai-pmh)[\s>/]", re.IGNORECASE)
_HTML = re.compile(rb"<(?:!doctype\s+html|html|head|body)\b", re.IGNORECASE)

_OPEN = "Use an address that is open to everybody; many journals have one, or are listed by Crossref."


@dataclass(frozen=True, slots=True)
class Wall:
    """`kind` is challenge or login; `words` say what it is and what staff can do."""

    kind: str
    words: str


def wall(*, status: int, headers: Mapping[str, str], page: bytes, url: str, asked: str) -> Wall | None:
    """Return what stands in front of the feed that was asked for at `asked`, None where nothing does.

    `page` is the beginning of the answer, decoded, and `url` where the last redirect led. The names of `headers` are in
    lower case, or of no case.
    """
    is_refused = status in _WALL_STATUSES
    if not is_refused and status not in (200, 203, 401):
        return None
    is_html = _is_html(page, headers)
    if is_refused and (name := _by_header(headers) or _by_mark(page)):
        return _challenge(name, status)
    if is_html and (name := _by_header(headers) or _by_mark(page) or _by_widget(page, is_refused=is_refused)):
        return _challenge(name, status)
    if status == 401:
        return Wall("login", f"The server asks for a name and a password (401). {_OPEN}")
    if is_html and (_PASSWORD.search(page) or _leads_to_login(url, asked)):
        return Wall("login", f"There is a login page instead of a feed, at {url[:200]}. {_OPEN}")
    return None


def _challenge(name: str, status: int) -> Wall:
    return Wall(
        "challenge",
        f"{name} stands in front of this address and lets browsers through only ({status}). Ask the publisher to let"
        " feed readers in, or use another address: most journals are listed by Crossref.",
    )


def _is_html(page: bytes, headers: Mapping[str, str]) -> bool:
    start = page.removeprefix(b"\xef\xbb\xbf").lstrip()
    if _FEED.search(page) or not start.startswith(b"<"):
        return False
    return "html" in headers.get("content-type", "").lower() or _HTML.search(start, 0, 2000) is not None


def _by_header(headers: Mapping[str, str]) -> str:
    return next((name for name, header in _HEADERS if headers.get(header)), "")


def _by_mark(page: bytes) -> str:
    return next((name for name, mark in _MARKS if mark.search(page)), "")


def _by_widget(page: bytes, *, is_refused: bool) -> str:
    return "A captcha" if (is_refused or len(page) < BARE_BYTES) and _WIDGETS.search(page) else ""


def _leads_to_login(url: str, asked: str) -> bool:
    return _is_login(url) and not _is_login(asked)


def _is_login(url: str) -> bool:
    return _LOGIN_ADDRESS.search(re.split(r"[?#]", url, maxsplit=1)[0]) is not None
