import zlib
from pathlib import Path

import pytest

from digest.ingest.wall import BARE_BYTES, PAGE_BYTES, Wall, wall
from tests.digest.growth import LINEAR, growth
from tests.digest.ingest.make import make_arxiv_rss, make_daily, make_rss, make_topic_page
from tests.digest.sources.make import make_daily_item

URL = "https://jir.example.org/feed"
HTML = {"content-type": "text/html; charset=UTF-8"}
DATA = Path(__file__).parents[4] / "shared" / "data"

WALLS = [
    ("Cloudflare", "<title>Just a moment...</title>"),
    ("Cloudflare", "<title>Attention Required! | Cloudflare</title>"),
    ("Cloudflare", "<script>(function(){window._cf_chl_opt={cvId:'3'}})()</script>"),
    ("DataDome", "<script src='https://ct.captcha-delivery.com/c.js'></script>"),
    ("HUMAN (PerimeterX)", "<div id='px-captcha'></div>"),
    ("Akamai", "<title>Access Denied</title>Reference 18.1 https://errors.edgesuite.net/18.1"),
    ("Akamai", "<div id='sec-if-cpt-container'></div>"),
    ("Imperva", "Request unsuccessful. Incapsula incident ID: 1-2"),
    ("Imperva", "<title>Pardon Our Interruption</title>"),
    ("Anubis", "<script id='anubis_challenge' type='application/json'>1</script>"),
    ("Anubis", "<link href='/.within.website/x/cmd/anubis/static/main.css'>"),
    ("Radware", "<title>Radware Bot Manager Captcha</title>"),
    ("F5", "The requested URL was rejected. Please consult with your administrator."),
    ("Sucuri", "<script>var sucuri_cloudproxy_js='';</script>"),
    ("DDoS-Guard", "<title>DDoS-Guard</title>"),
    ("Kasada", "<script>window.KPSDK={};</script>"),
    ("A wall against robots", "<noscript>Enable JavaScript and cookies to continue</noscript>"),
    ("A wall against robots", "<title>Please complete the CAPTCHA</title>"),
    ("A wall against robots", "<title>Are you a robot?</title>"),
    ("A wall against robots", "<title>Checking your browser before you go on</title>"),
    ("A wall against robots", "<title>Access Denied</title>"),
    ("A captcha", "<div class='g-recaptcha' data-sitekey='k'></div>"),
    ("A captcha", "<div class='cf-turnstile'></div>"),
    ("A captcha", "<iframe src='/_Incapsula_Resource?x=1'></iframe>"),
]


def page(inside: str) -> bytes:
    return f"<!DOCTYPE html>\n<html><head></head><body>{inside}</body></html>".encode()


def seen(
    body: bytes, *, status: int = 200, headers: dict[str, str] | None = None, url: str = URL, asked: str = URL
) -> Wall | None:
    return wall(status=status, headers=HTML if headers is None else headers, page=body, url=url, asked=asked)


def beginning(file: Path) -> bytes:
    body = file.read_bytes()
    return zlib.decompressobj(31).decompress(body, PAGE_BYTES) if file.suffix == ".gz" else body[:PAGE_BYTES]


def kind(found: Wall | None) -> str:
    return found.kind if found else ""


# --- Challenges


@pytest.mark.parametrize("status", [200, 403, 503])
@pytest.mark.parametrize(("name", "mark"), WALLS)
def test_page_with_the_mark_of_a_wall_is_a_challenge(name: str, mark: str, status: int) -> None:
    words = (
        f"{name} stands in front of this address and lets browsers through only ({status}). Ask the publisher to let"
        " feed readers in, or use another address: most journals are listed by Crossref."
    )
    assert seen(page(mark), status=status) == Wall("challenge", words)


@pytest.mark.parametrize(
    "body",
    [
        b"\xef\xbb\xbf \n<!doctype html><title>Just a moment...</title>",
        b'<?xml version="1.0"?><!DOCTYPE html PUBLIC "-//W3C//DTD XHTML 1.0//EN" ""><title>Just a moment...',
        b"<!-- page --><HTML><HEAD><TITLE>Just a moment...</TITLE>",
        b"<script>x</script><title>Just a moment...</title>",
    ],
)
def test_page_is_a_page_however_it_begins(body: bytes) -> None:
    assert kind(seen(body)) == "challenge"


@pytest.mark.parametrize(
    ("header", "value", "name", "status"),
    [
        ("cf-mitigated", "challenge", "Cloudflare", 403),
        ("x-amzn-waf-action", "challenge", "AWS WAF", 202),
        ("x-amzn-waf-action", "captcha", "AWS WAF", 405),
        ("x-vercel-mitigated", "challenge", "Vercel", 429),
    ],
)
def test_refusal_with_the_header_of_a_wall_is_a_challenge(header: str, value: str, name: str, status: int) -> None:
    found = seen(b"", status=status, headers={header: value})
    assert kind(found) == "challenge"
    assert found
    assert found.words.startswith(f"{name} stands in front")


def test_refusal_in_plain_text_or_json_is_a_challenge() -> None:
    assert kind(seen(b"error code: 1020", status=403, headers={"content-type": "text/plain"})) == "challenge"
    json = b'{"url":"https://geo.captcha-delivery.com/captcha/?x=1"}'
    assert kind(seen(json, status=403, headers={"content-type": "application/json"})) == "challenge"


@pytest.mark.parametrize("status", [204, 304, 400, 404, 410, 500, 502])
def test_other_statuses_mean_what_they_say(status: int) -> None:
    body = page("<title>Just a moment...</title><input type=password>")
    assert seen(body, status=status, headers={**HTML, "cf-mitigated": "challenge"}) is None


def test_refusal_without_a_mark_is_just_a_refusal() -> None:
    assert seen(page("<h1>403 Forbidden</h1>"), status=403, headers={**HTML, "server": "cloudflare"}) is None
    assert seen(b"", status=503, headers={}) is None


def test_page_with_a_captcha_among_much_else_is_just_a_page() -> None:
    widget = "<div class='g-recaptcha'></div>"
    assert seen(page(widget + "Contact us. " * BARE_BYTES)) is None
    assert kind(seen(page(widget + "Contact us. " * BARE_BYTES), status=403)) == "challenge"


# --- Logins


@pytest.mark.parametrize(
    "field",
    ["<input type='password'>", '<INPUT name="p" TYPE="PASSWORD">', "<input type=password>", "<input\ntype = password"],
)
def test_page_that_asks_for_a_password_is_a_login(field: str) -> None:
    assert seen(page(field), url="https://jir.example.org/welcome") == Wall(
        "login",
        "There is a login page instead of a feed, at https://jir.example.org/welcome. Use an address that is open to"
        " everybody; many journals have one, or are listed by Crossref.",
    )


@pytest.mark.parametrize(
    "url",
    [
        "https://jir.example.org/login?next=/feed",
        "https://jir.example.org/user/sign-in",
        "https://login.example.org/start",
        "https://idp.example.org/authorize",
        "https://example.org/Shibboleth.sso/Login",
        "https://example.org/cas/",
        "https://example.org/auth",
    ],
)
def test_page_at_the_end_of_a_redirect_to_a_login_is_a_login(url: str) -> None:
    assert kind(seen(page("Choose your institution"), url=url)) == "login"


@pytest.mark.parametrize(
    "url", ["https://example.org/authors", "https://example.org/blogins", "https://example.org/assoc?to=/login"]
)
def test_page_at_the_end_of_another_redirect_is_just_a_page(url: str) -> None:
    assert seen(page("Welcome"), url=url) is None


def test_page_of_an_address_that_is_itself_called_login_is_just_a_page() -> None:
    asked = "https://login.example.org/feed"
    assert seen(page("Welcome"), url=asked + "/", asked=asked) is None


def test_401_is_a_login_whatever_comes_with_it() -> None:
    found = seen(b"", status=401, headers={})
    assert kind(found) == "login"
    assert found
    assert found.words.startswith("The server asks for a name and a password (401). ")


def test_wall_before_a_login_is_a_wall() -> None:
    assert kind(seen(page("<title>Just a moment...</title><input type=password>"))) == "challenge"


# --- Feeds


TELLING = " ".join(mark for _, mark in WALLS) + page("<input type='password'>").decode()


@pytest.mark.parametrize(
    "body",
    [
        make_rss(f"<item><title>On walls</title><description><![CDATA[{TELLING}]]></description></item>"),
        make_rss(f"<item><title>{TELLING}</title></item>"),
        make_arxiv_rss(description=TELLING),
        b"<!-- just a moment... --><feed xmlns='http://www.w3.org/2005/Atom'>" + TELLING.encode() + b"</feed>",
        b"<rdf:RDF xmlns:rdf='x'>" + TELLING.encode() + b"</rdf:RDF>",
        b"<OAI-PMH>" + TELLING.encode() + b"</OAI-PMH>",
        make_daily(make_daily_item(title=TELLING)),
        make_topic_page((TELLING, TELLING)),
        b"PHP Warning: <b>Notice</b> <html>" + make_rss(f"<item><title>{TELLING}</title></item>"),
        b"\xff\xfe" + f"<rss><title>{TELLING}</title></rss>".encode("utf-16-le"),
        b"",
    ],
)
@pytest.mark.parametrize("content_type", ["text/html", "application/xml", ""])
def test_feed_is_a_feed_whatever_its_entries_speak_of(body: bytes, content_type: str) -> None:
    headers = {"content-type": content_type, "cf-mitigated": "challenge", "x-vercel-mitigated": "deny"}
    assert seen(body, headers=headers, url="https://example.org/login") is None


def test_page_that_is_neither_wall_nor_login_is_left_to_the_parser() -> None:
    assert seen(page("<h1>Journal of Invented Results</h1>")) is None


@pytest.mark.skipif(not DATA.exists(), reason="needs the real files of ../shared/data")
def test_no_real_feed_is_taken_for_a_wall() -> None:
    files = [file for file in sorted(DATA.rglob("*")) if file.is_file()]
    assert [file.name for file in files if any(seen(beginning(file), headers=headers) for headers in (HTML, {}))] == []
    assert len(files) > 3000


@pytest.mark.parametrize("piece", [b"<title>", b"<input ", b"<input type = ", b"<!--", b"just a ", b"<a:", b" "])
def test_time_grows_with_the_page(piece: bytes) -> None:
    assert growth(lambda body: seen(b"<html>" + body), piece, 2000) < LINEAR
