import gzip
import zlib
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.ingest.body import PIECE, Damaged, TooLarge, decoded

TEXT = b"<rss>" + b"papers " * 5000 + b"</rss>"


def raw_deflate(text: bytes) -> bytes:
    deflater = zlib.compressobj(wbits=-15)
    return deflater.compress(text) + deflater.flush()


def pack(text: bytes) -> bytes:
    return gzip.compress(text, mtime=0)


def read(*pieces: bytes, encoding: str = "", max_bytes: int = 10_000_000) -> bytes:
    return b"".join(decoded(pieces, encoding, max_bytes=max_bytes))


def cut(body: bytes, size: int) -> list[bytes]:
    return [body[start : start + size] for start in range(0, len(body), size)]


ENCODED = [
    ("", TEXT),
    ("identity", TEXT),
    ("gzip", pack(TEXT)),
    ("x-gzip", pack(TEXT)),
    ("GZip", pack(TEXT)),
    ("deflate", zlib.compress(TEXT)),
    ("deflate", zlib.compress(TEXT, 9)),
    ("deflate", raw_deflate(TEXT)),
    ("identity, gzip", pack(TEXT)),
    ("gzip, gzip", pack(pack(TEXT))),
    ("deflate , gzip", pack(zlib.compress(TEXT))),
    ("gzip,deflate,gzip", pack(zlib.compress(pack(TEXT)))),
]


@pytest.mark.parametrize("size", [1, 2, 7, 1000, 1_000_000])
@pytest.mark.parametrize(("encoding", "body"), ENCODED, ids=[f"{name}-{len(body)}" for name, body in ENCODED])
def test_body_is_decoded_in_pieces_of_any_size(encoding: str, body: bytes, size: int) -> None:
    assert read(*cut(body, size), encoding=encoding) == TEXT


@pytest.mark.parametrize("encoding", ["", "gzip", "deflate", "gzip, deflate"])
@pytest.mark.parametrize("pieces", [(), (b"",), (b"", b"")])
def test_empty_body_is_empty_in_any_encoding(encoding: str, pieces: tuple[bytes, ...]) -> None:
    assert read(*pieces, encoding=encoding) == b""


@given(text=st.binary(max_size=2000), size=st.integers(1, 500), level=st.integers(0, 9))
def test_any_body_comes_through_as_it_was(text: bytes, size: int, level: int) -> None:
    assert read(*cut(gzip.compress(text, level), size), encoding="gzip") == text
    assert read(*cut(zlib.compress(text, level), size), encoding="deflate") == text


@pytest.mark.parametrize("length", [PIECE - 1, PIECE, PIECE + 1, 2 * PIECE])
def test_body_as_long_as_a_piece_is_whole(length: int) -> None:
    assert read(pack(b"x" * length), encoding="gzip") == b"x" * length
    assert read(raw_deflate(b"x" * length), encoding="deflate") == b"x" * length


@pytest.mark.parametrize("size", [1, 10, 10_000])
def test_gzip_in_several_parts_is_one_body(size: int) -> None:
    assert read(*cut(pack(b"one ") + pack(b"") + pack(b"two"), size), encoding="gzip") == b"one two"


@pytest.mark.parametrize("rest", [b"\0\0\0", b"garbage", b"<!-- served in 3 ms -->"])
@pytest.mark.parametrize("size", [1, 10, 10_000])
def test_what_follows_the_compressed_body_is_not_part_of_it(rest: bytes, size: int) -> None:
    assert read(*cut(pack(TEXT) + rest + pack(b"more"), size), encoding="gzip") == TEXT
    assert read(*cut(zlib.compress(TEXT) + rest, size), encoding="deflate") == TEXT


@pytest.mark.parametrize("encoding", ["gzip", "deflate"])
@pytest.mark.parametrize("missing", [1, 8, 9, 50])
def test_body_that_ends_too_early_is_damaged(encoding: str, missing: int) -> None:
    body = pack(TEXT) if encoding == "gzip" else raw_deflate(TEXT)
    with pytest.raises(Damaged, match=r"^the compressed answer ends too early$"):
        read(body[:-missing], encoding=encoding)


def test_second_part_that_ends_too_early_is_damaged() -> None:
    with pytest.raises(Damaged):
        read(pack(TEXT) + pack(TEXT)[:-1], encoding="gzip")


@pytest.mark.parametrize("body", [b"<rss/>", b"\x1f\x8b no gzip", pack(TEXT)[:-8] + b"wrong sum length"])
def test_body_that_is_not_what_it_is_called_is_damaged(body: bytes) -> None:
    with pytest.raises(Damaged, match=r"^the compressed answer is damaged: "):
        read(body, encoding="gzip")


@pytest.mark.parametrize("encoding", ["br", "zstd", "gzip, br", "compress", "utf-8", "\xff"])
def test_encoding_that_was_not_asked_for_is_damage(encoding: str) -> None:
    name = encoding.rpartition(", ")[2]
    with pytest.raises(Damaged, match=f"^the answer is encoded as {name}, which was not asked for$"):
        read(TEXT, encoding=encoding)


def test_more_encodings_than_anybody_needs_are_damage() -> None:
    with pytest.raises(Damaged, match=r"^the answer is encoded 4 times over$"):
        read(TEXT, encoding="gzip, gzip, gzip, gzip")


@pytest.mark.parametrize("encoding", ["", "gzip"])
def test_body_may_be_as_large_as_wanted_and_no_larger(encoding: str) -> None:
    body = pack(TEXT) if encoding else TEXT
    assert read(body, encoding=encoding, max_bytes=len(TEXT)) == TEXT
    with pytest.raises(TooLarge, match=r"^the answer is larger than 35,010 bytes$"):
        read(body, encoding=encoding, max_bytes=len(TEXT) - 1)


def test_body_that_is_small_at_last_may_not_be_large_on_the_way() -> None:
    parts = pack(b"") * 10_000  # nothing, 20 bytes at a time
    with pytest.raises(TooLarge):
        read(pack(parts), encoding="gzip, gzip", max_bytes=100_000)


def test_pieces_are_taken_one_by_one() -> None:
    taken = 0

    def endless() -> Iterator[bytes]:
        nonlocal taken
        while True:
            taken += 1
            yield b"x" * 1000

    with pytest.raises(TooLarge):
        b"".join(decoded(endless(), "", max_bytes=10_000))
    assert taken == 11
