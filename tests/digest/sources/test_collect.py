from digest.sources.collect import collect
from digest.sources.listing import Listing, Skipped
from tests.make import make_listing

LISTINGS = {"a": make_listing(title="A"), "b": make_listing(title="B")}


def read(item: str) -> Listing:
    if not item:
        raise ValueError("nothing in it")
    return LISTINGS[item]


def test_items_become_listings_in_order() -> None:
    assert collect(["b", "a"], read) == ((LISTINGS["b"], LISTINGS["a"]), ())


def test_bad_items_are_skipped_with_position_and_reason() -> None:
    listings, skipped = collect(["", "a", ""], read)
    assert listings == (LISTINGS["a"],)
    assert skipped == (Skipped(1, "nothing in it"), Skipped(3, "nothing in it"))


def test_an_unforeseen_failure_is_the_items_own() -> None:
    assert collect(["a", "z"], read) == ((LISTINGS["a"],), (Skipped(2, "KeyError: 'z'"),))


def test_no_items_make_nothing() -> None:
    assert collect([], read) == ((), ())
