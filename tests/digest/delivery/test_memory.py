import gc

from digest.delivery.memory import RARELY, rarely_searched


def test_rarely_searched_ends_as_it_began() -> None:
    before = gc.get_threshold()
    with rarely_searched():
        assert gc.get_threshold() == RARELY
    assert gc.get_threshold() == before != RARELY
