from digest.ranking.batch import Batch
from tests.digest.ranking.make import make_document

BATCH = Batch(
    [
        make_document(key=11, categories=("cs.CL", "cs.LG", "hep-th")),
        make_document(key=12, categories=("Cell  Biology",), authors=("Jane Doe", "J. Doe")),
        make_document(key=13, categories=("cs.LG",)),
    ]
)


def test_batch_keys_by_position() -> None:
    assert BATCH.keys.tolist() == [11, 12, 13]


def test_batch_lists_a_category() -> None:
    assert BATCH.listed(("cat", "cs.LG")) == {0: ["cs.LG"], 2: ["cs.LG"]}


def test_batch_lists_a_whole_archive() -> None:
    assert BATCH.listed(("cat", "cs")) == {0: ["cs.CL", "cs.LG"], 2: ["cs.LG"]}


def test_batch_lists_an_archive_without_subjects_once() -> None:
    assert BATCH.listed(("cat", "hep-th")) == {0: ["hep-th"]}


def test_batch_lists_any_category_without_case_and_extra_spaces() -> None:
    assert BATCH.listed(("cat", "cell biology")) == {1: ["Cell  Biology"]}


def test_batch_lists_authors_as_spelled() -> None:
    assert BATCH.listed(("author", "jane doe")) == {1: ["Jane Doe", "J. Doe"]}


def test_batch_lists_nothing_for_what_it_does_not_have() -> None:
    assert BATCH.listed(("cat", "math")) == {}
    assert BATCH.listed(("author", "roe")) == {}


def test_batch_does_not_take_a_category_for_the_beginning_of_another() -> None:
    assert BATCH.listed(("cat", "c")) == {}
    assert BATCH.listed(("cat", "cs.L")) == {}


def test_batch_of_nothing() -> None:
    assert Batch([]).listed(("cat", "cs")) == {}
