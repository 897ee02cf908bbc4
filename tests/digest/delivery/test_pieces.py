from binascii import a2b_qp

import pytest

from digest.delivery.pieces import OWN_PAGES, Frame, Slot, joined, piece, words

HARD = [
    "",
    "\n",
    " ",
    "a",
    "ends with a space ",
    "=",
    ".",
    "x" * 75,
    "x" * 76,
    "x" * 77,
    "蛾" * 200,
    "one\n\ntwo \n",
    "=\n",
]


@pytest.mark.parametrize("text", HARD)
def test_piece_is_read_as_the_text_that_it_was(text: str) -> None:
    assert words(piece(text)) == text


@pytest.mark.parametrize("text", HARD)
def test_piece_ends_where_a_line_ends_and_has_no_long_line(text: str) -> None:
    encoded = piece(text)
    assert encoded == b"" or encoded.endswith(b"\r\n")
    assert encoded.count(b"\r\n") == encoded.count(b"\n") == encoded.count(b"\r")
    assert max(map(len, encoded.split(b"\r\n"))) <= 76


def test_pieces_joined_in_any_order_are_read_as_their_texts() -> None:
    for first in HARD:
        for second in HARD:
            assert a2b_qp(joined([piece(first), piece(second)], "")).decode().replace("\r\n", "\n") == first + second


def test_own_pages_are_put_in_wherever_a_piece_has_their_place() -> None:
    link = f"https://papers.example.org/preferences/{'a=1&' * 40}/"
    pieces = [piece(f"{OWN_PAGES}more/ or {OWN_PAGES}less/"), piece(f" = {OWN_PAGES}")]
    encoded = joined(pieces, link)
    assert words(encoded) == f"{link}more/ or {link}less/ = {link}"
    assert max(map(len, encoded.split(b"\r\n"))) <= 76


def test_frame_is_filled_at_its_slots() -> None:
    frame = Frame(f"<b>{Slot.TOPIC}</b>{Slot.PAPERS}{Slot.TOPIC}")
    filled = frame.filled({Slot.TOPIC: [piece("moths")], Slot.PAPERS: [piece("one, "), piece("two, ")]})
    assert words(joined(filled, "")) == "<b>moths</b>one, two, moths"


def test_frame_without_a_slot_is_what_was_rendered() -> None:
    assert words(joined(Frame("nothing to put in\n").filled({}), "")) == "nothing to put in\n"


def test_slots_are_control_characters_each_of_its_own() -> None:
    places = [OWN_PAGES, *Slot]
    assert len(set(places)) == len(places)
    assert [place for place in places if place >= " " or place in "\t\n\r\f\v"] == []


def test_frame_is_cut_at_the_place_of_one_slot() -> None:
    frame = Frame(f"Topic {Slot.TOPIC}:\n{Slot.PAPERS}Stop {Slot.TOPIC} at {OWN_PAGES}{Slot.NUMBER}\n")
    before, after = frame.cut(Slot.PAPERS, {Slot.TOPIC: [piece("peat")], Slot.NUMBER: [piece("7")]})
    assert words(before) == "Topic peat:\n"
    assert words(joined([after], own_pages="https://x/")) == "Stop peat at https://x/7\n"
