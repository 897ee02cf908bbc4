import re
from dataclasses import replace
from html.parser import HTMLParser
from typing import Any

import pytest

from digest.delivery.content import Card, DigestContent, Section
from digest.delivery.pieces import OWN_PAGES
from digest.delivery.render import render, sections_in_words
from digest.templatetags.papers import byline, excerpt, readable, reason
from tests.digest.delivery.make import make_card, make_content, make_section, make_trending

GMAIL_CLIPS_AT = 102_000
VOID = {"meta", "br"}


class Page(HTMLParser):
    """What a reader sees of a page: its words on one line, its links, and which elements are left open."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.words: list[str] = []
        self.links: list[str] = []
        self.tags: list[str] = []
        self.open: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.links += [value or "" for name, value in attrs if name == "href"]
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open[-1:] != ["style"]:
            self.words.append(data)

    @property
    def text(self) -> str:
        return flat("".join(self.words))


def flat(text: str) -> str:
    return " ".join(text.split())


def test_preheader_is_in_the_html_but_hidden() -> None:
    rendered = render(make_content())
    assert f'<div class="preheader" style="display:none">{rendered.preheader}</div>' in rendered.html


def rich_content() -> DigestContent:
    """A digest with everything that the two parts could come to differ in."""
    cards = (
        make_card(1, title="Counting trees with $O(n)$ steps & <b>no</b> memory", topics=("graphs", "bats & moths")),
        make_card(2, title="Untitled 'quotes' \"and\" more", authors=(), author_count=0, pdf_url="", abstract=""),
        make_card(3, url="", attention=""),
        make_card(4, url="http://journal.example.org/4?a=1&b=2", source="Journal of Invented Results", why=""),
        make_card(5, url="", pdf_url="", source="", authors=("B. Szűcs",), author_count=1),
    )
    return make_content(
        Section("graphs", cards[:3]),
        Section("bats & moths", cards[3:]),
        trending=(*make_trending(4), make_card(9, url="")),
    )


def test_text_and_html_name_the_same_papers() -> None:
    content = rich_content()
    rendered = render(content)
    html, text = Page(rendered.html).text, flat(rendered.text)
    for section in content.sections:
        for card in section.cards:
            for said in _said(card, section.topic):
                assert flat(said) in html
                assert flat(said) in text
    for card in content.trending:
        for said in (readable(card.title), card.attention):
            assert said in html
            assert said in text


def _said(card: Card, topic: str) -> list[str]:
    return [
        readable(card.title),
        byline(card.authors, card.author_count),
        card.source,
        reason(card, topic),
        excerpt(readable(card.abstract), 260),
    ]


def test_text_and_html_hold_the_same_links_all_https() -> None:
    rendered = render(rich_content())
    links = set(Page(rendered.html).links)
    buttons = {link for link in links if re.search(r"/(more|less|stop)/\d+/$", link)}  # in text, one line leads to all
    assert links - buttons == set(re.findall(r"https?://\S+", rendered.text))
    assert {link.partition("://")[0] for link in links} == {"https"}
    assert "https://journal.example.org/4?a=1&b=2" in links


def test_text_and_html_say_the_same_around_the_papers() -> None:
    rendered = render(make_content(make_section("bats & moths")))
    for part in (flat(rendered.text), Page(rendered.html).text):
        assert "Wednesday, 4 March 2026" in part
        assert "3 papers for you, from 1,204 announced since yesterday" in part
        assert "Bats & moths" in part
        assert "You get this because you asked Broadsheet for papers on bats & moths." in part
        assert "Broadsheet sample edition, 1 Example Street, 00000 Exampleton" in part


def test_text_is_a_letter_wrapped_at_72() -> None:
    text = render(rich_content()).text
    assert [line for line in text.splitlines() if len(line) > 72 and "https://" not in line] == []
    assert "\n\n\n\n" not in text


def test_text_gives_the_unsubscribe_address_after_the_word() -> None:
    content = make_content()
    assert f"\nUnsubscribe:\n{content.unsubscribe_url}\n" in render(content).text


def test_html_puts_the_papers_in_the_order_of_the_content() -> None:
    content = make_content(make_section("moths", papers=2), make_section("bats", papers=2, first=7))
    headings = re.findall(r"<h[123][^>]*>(?:<a[^>]*>)?([^<]*)", render(content).html)
    assert headings[:7] == ["Broadsheet", "Moths", *_titles(1, 2), "Bats", *_titles(7, 8)]
    assert headings[7:] == ["Trending today", *_titles(901, 902, 903, 904, 905)]


def _titles(*numbers: int) -> list[str]:
    return [f"What the teacher nearly said, part {number}" for number in numbers]


def test_html_of_hostile_text_is_only_text() -> None:
    hostile = "\"><script>alert('x')</script><img src=x onerror=y> $a<b$ &amp; {{ site }} {% now %} <!--"
    card = make_card(
        title=hostile, abstract=hostile, authors=(hostile,), source=hostile, why=hostile, attention=hostile
    )
    card = replace(card, url=f"https://example.org/{hostile}", topics=(hostile, "<i>"))
    page = Page(render(make_content(Section(hostile, (card,)), trending=(card,), home_url='https://x/"><b>')).html)
    assert set(page.tags) == set(Page(render(make_content()).html).tags)
    assert page.open == []
    assert "a<b" in page.text
    assert "{{ site }} {% now %} <!--" in page.text


def test_html_has_its_styles_on_the_elements_and_keeps_the_media_queries() -> None:
    html = render(make_content()).html
    assert html.startswith("<!DOCTYPE html>")
    assert '<p class="small above reason" style="' in html
    assert html.count("@media") == 2
    assert "@media (prefers-color-scheme: dark)" in html


def test_html_has_no_colours_but_those_of_the_house() -> None:
    light = {"#fbfaf7", "#1b1a17", "#5f5a51", "#e3dfd6", "#1f4f8f", "#9a2a1f", "#2f6b3a"}
    dark = {"#16171a", "#ece8df", "#aaa499", "#2f3238", "#9cc0ff", "#ff9f8c", "#8fd19a"}
    assert set(re.findall(r"#[0-9a-f]{6}\b", render(make_content()).html)) == light | dark


def test_html_of_the_largest_digest_is_not_clipped() -> None:
    sections = [
        make_section(f"topic number {number}", first=5000 * number, papers=5, title="Long titles & their uses " * 10)
        for number in range(6)
    ]
    signed = f"https://papers.example.org/preferences/1000000.1vYx2A.{'s' * 43}/"
    assert len(render(make_content(*sections, preferences_url=signed)).html.encode()) < 90_000 < GMAIL_CLIPS_AT


def test_one_paper_is_spoken_of_in_the_singular() -> None:
    rendered = render(make_content(make_section(papers=1), announced=1))
    assert "\n1 paper for you.\n" in rendered.text
    assert ">1 paper for you<" in rendered.html.replace("<br>", ">")


def test_trending_that_is_empty_is_not_headed() -> None:
    rendered = render(make_content(trending=()))
    assert "Trending" not in rendered.text + rendered.html


def test_curator_is_named_where_it_is_not_the_site(settings: Any) -> None:
    settings.CURATOR = "the Bog Lab"
    rendered = render(make_content())
    assert "Broadsheet, by the Bog Lab and the research community\n" in rendered.text
    assert "Broadsheet, by the Bog Lab and the research community<br>" in rendered.html


def test_render_of_the_same_content_is_the_same() -> None:
    assert render(rich_content()) == render(rich_content())


@pytest.mark.parametrize("sections", [(), (Section("moths", ()), make_section())])
def test_render_without_papers_is_refused(sections: tuple[Section, ...]) -> None:
    content = replace(make_content(), sections=sections)
    with pytest.raises(ValueError, match="has no papers to show"):
        render(content)


# --- What the reader can say of papers and topics


def own_pages(number: int) -> str:
    return f"https://papers.example.org/preferences/{number}.signed/"


def test_each_pick_can_be_answered_and_each_topic_stopped() -> None:
    content = make_content(replace(make_section(papers=2), number=7), preferences_url=own_pages(17))
    own = [link.removeprefix(own_pages(17)) for link in Page(render(content).html).links if own_pages(17) in link]
    assert own == ["more/1/", "less/1/", "more/2/", "less/2/", "stop/7/", ""]


def test_readers_who_share_papers_get_their_own_links_only() -> None:
    section = replace(make_section(), number=7)
    first, second = (render(make_content(section, preferences_url=own_pages(number))).html for number in (1, 2))
    assert first.count(own_pages(1)) == second.count(own_pages(2)) == 8
    assert first.replace(own_pages(1), own_pages(2)) == second
    assert OWN_PAGES not in first


def test_sections_for_a_letter_lead_to_the_readers_own_pages() -> None:
    [(_, shown)] = sections_in_words(make_content(preferences_url=own_pages(17)))
    assert (OWN_PAGES in shown.html, shown.html.count(own_pages(17))) == (False, 6)


def test_no_text_can_take_the_place_of_the_readers_address() -> None:
    hostile = f"{OWN_PAGES} here"
    card = make_card(
        title=hostile,
        abstract=hostile,
        authors=(hostile,),
        source=hostile,
        why=hostile,
        attention=hostile,
        like=hostile,
        topics=(hostile, "other"),
        url=f"https://x.example.org/{OWN_PAGES}",
    )
    content = make_content(
        Section(hostile, (card,), 7), trending=(card,), topics=(hostile,), preferences_url=own_pages(1)
    )
    rendered = render(content)
    assert rendered.html.count(own_pages(1)) == 4
    assert OWN_PAGES not in rendered.html + rendered.text + rendered.subject


def test_text_part_has_one_address_for_all_that_can_be_said() -> None:
    text = render(make_content(replace(make_section(), number=7))).text
    assert text.count("/archive/2026-03-04/") == 1
    assert (text.count("/more/"), text.count("/stop/")) == (0, 0)


def test_paper_that_is_like_one_wanted_more_of_says_so() -> None:
    card = make_card(
        why="", attention="", like="What the teacher nearly said about moths, bats and the lamps of others"
    )
    said = "like “What the teacher nearly said about moths, bats…”, of which you asked for more"
    assert reason(card, "knowledge transfer") == said
    rendered = render(make_content(Section("knowledge transfer", (card,), 7)))
    assert said in flat(rendered.text)
    assert said in Page(rendered.html).text
