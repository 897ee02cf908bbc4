from email import message_from_bytes, policy
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from digest.ingest.rank import background, match_due, match_query
from digest.models import Digest, Edition, Match, Paper, Topic
from digest.ranking.matching import DEFAULT_BAR, SCATTERED
from digest.ranking.query import parse_query
from tests.make import NOON, TODAY, make_match, make_paper, make_reader, make_topic

pytestmark = pytest.mark.django_db
SCATTERED_TEXT = (
    "The transfer of heat, the transfer of mass, what knowledge there is of both, and whose knowledge."
    " Stones are heavy."
)


def previewed(folder: Path, *arguments: str) -> str:
    out = StringIO()
    call_command("preview_digest", *arguments, "--on", str(TODAY), "--out", str(folder), stdout=out)
    return out.getvalue()


def test_preview_for_a_reader_writes_the_mail_three_ways(tmp_path: Path) -> None:
    topic = make_topic()
    make_match(topic, make_paper(title="A paper to read"))
    make_reader("ada@example.net", topics=(topic,))
    previewed(tmp_path, "--reader", "Ada@example.net")
    message = message_from_bytes((tmp_path / "digest.eml").read_bytes(), policy=policy.default)
    assert message["To"] == "ada@example.net"
    assert "A paper to read" in (tmp_path / "digest.html").read_text()
    assert "A paper to read" in (tmp_path / "digest.txt").read_text()


def test_preview_for_topics_needs_no_reader_and_no_topic(tmp_path: Path) -> None:
    make_paper(title="Knowledge transfer between models")
    make_paper(title="Speech recognition for the rest of us")
    said = previewed(tmp_path, "--topics", "knowledge transfer; speech recognition")
    assert "Knowledge transfer" in said
    html = (tmp_path / "digest.html").read_text()
    assert "Knowledge transfer between models" in html
    assert "Speech recognition for the rest of us" in html


def test_preview_for_topics_holds_scattered_words_to_the_bar_of_the_mail(tmp_path: Path) -> None:
    make_reader(topics=(make_topic("knowledge transfer"),))
    make_paper(title="Amber", abstract="On knowledge transfer, and on knowledge transfer again.")
    make_paper(title="Basalt", abstract=SCATTERED_TEXT)
    [hit] = match_query(parse_query("knowledge transfer"), Paper.objects.filter(title="Basalt"), background())
    assert DEFAULT_BAR <= hit.score < DEFAULT_BAR * SCATTERED
    match_due(NOON)
    assert set(Match.objects.values_list("paper__title", flat=True)) == {"Amber"}
    previewed(tmp_path, "--topics", "knowledge transfer")
    html = (tmp_path / "digest.html").read_text()
    assert ("Amber" in html, "Basalt" in html) == (True, False)


def test_preview_records_nothing(tmp_path: Path) -> None:
    topic = make_topic()
    make_match(topic, make_paper())
    make_reader("ada@example.net", topics=(topic,))
    previewed(tmp_path, "--reader", "ada@example.net")
    previewed(tmp_path, "--topics", "speech recognition")
    assert [model.objects.count() for model in (Digest, Edition, Topic)] == [0, 0, 1]


def test_preview_with_nothing_to_say_writes_no_mail(tmp_path: Path) -> None:
    assert previewed(tmp_path, "--topics", "knowledge transfer") == (
        "No paper is close enough: there would be no mail.\n"
    )
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        (["--reader", "nobody@example.net"], "There is no reader with the address nobody@example.net."),
        (["--topics", " ; "], "Name at least one topic"),
        (["--topics", 'fine; "unbalanced'], '"unbalanced: '),
        ([], "one of the arguments --reader --topics is required"),
    ],
)
def test_preview_with_bad_input_says_what_is_wrong(tmp_path: Path, arguments: list[str], error: str) -> None:
    with pytest.raises(CommandError, match=error):
        previewed(tmp_path, *arguments)


def test_preview_into_a_file_is_refused(tmp_path: Path) -> None:
    make_paper(title="Knowledge transfer between models")
    (tmp_path / "file").write_text("")
    with pytest.raises(CommandError, match="cannot be written"):
        previewed(tmp_path / "file", "--topics", "knowledge transfer")
