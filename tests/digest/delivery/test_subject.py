from digest.delivery.content import Section
from digest.delivery.render import render
from tests.digest.delivery.make import make_card, make_content, make_section, make_trending


def subject(*sections: Section, trending: int = 5) -> str:
    return render(make_content(*sections, trending=make_trending(trending))).subject


def test_subject_of_one_topic_counts_papers_and_trending() -> None:
    assert subject(make_section()) == "Knowledge transfer: 3 new papers, and 5 trending"


def test_subject_without_trending_does_not_speak_of_it() -> None:
    assert subject(make_section(), trending=0) == "Knowledge transfer: 3 new papers"


def test_subject_of_two_topics_names_both() -> None:
    assert subject(make_section("moths"), make_section("bats")) == "Moths and bats: 6 new papers, 5 trending"


def test_subject_of_three_short_topics_names_all() -> None:
    sections = [make_section(topic, papers=2) for topic in ("moths", "bats", "bogs")]
    assert subject(*sections) == "Moths, bats and bogs: 6 new papers, 5 trending"


def test_subject_of_many_topics_names_two_and_counts_the_rest() -> None:
    sections = [make_section(topic, papers=2) for topic in ("moths", "bats", "bogs", "radio")]
    assert subject(*sections) == "Moths, bats and 2 more: 8 new papers, 5 trending"


def test_subject_that_grows_too_long_drops_trending_before_topics() -> None:
    sections = [make_section(topic) for topic in ("knowledge transfer", "speech recognition", "moths", "bats")]
    assert subject(*sections) == "Knowledge transfer, speech recognition and 2 more: 12 new papers"


def test_subject_that_is_still_too_long_drops_topics() -> None:
    sections = [make_section(topic) for topic in ("transfer of knowledge between models", "sign language recognition")]
    assert subject(*sections) == "Transfer of knowledge between models and 1 more: 6 new papers"


def test_subject_with_an_endless_topic_cuts_it_on_a_word() -> None:
    sections = [make_section("what small models keep of the large models that taught them " * 3), make_section("bats")]
    assert subject(*sections) == "What small models keep of the… and 1 more: 6 new papers, 5 trending"


def test_subject_of_one_paper_names_it() -> None:
    section = Section("moths", (make_card(title="Moths that answer back"),))
    assert subject(section) == "Moths: Moths that answer back"


def test_subject_of_one_paper_cuts_a_long_title_on_a_word() -> None:
    section = Section("moths", (make_card(title="Moths that answer back " * 20),))
    assert subject(section) == "Moths: Moths that answer back Moths that answer back Moths that…"


def test_subject_stays_on_one_line_within_70_characters_whatever_comes() -> None:
    topic = "a\nb\r\n" * 90
    for section in (make_section(topic), Section(topic, (make_card(title="x\ny " * 200),))):
        said = subject(section)
        assert len(said) <= 70
        assert said.splitlines() == [said]


def test_preheader_continues_the_subject_with_the_first_titles() -> None:
    section = Section("moths", (make_card(title="Moths that answer"), make_card(title=r"$\alpha$ and bats")))
    assert render(make_content(section)).preheader == "Moths that answer · α and bats"


def test_preheader_of_one_paper_is_what_it_says() -> None:
    section = Section("moths", (make_card(abstract="Moths answer bats. We listened."),))
    assert render(make_content(section)).preheader == "Moths answer bats. We listened."
