from digest.ranking.marks import author_mark, category_mark, mark, marks
from digest.ranking.text import tokens


def marked(
    title: str = "", abstract: str = "", authors: tuple[str, ...] = (), categories: tuple[str, ...] = ()
) -> set[str]:
    return set(marks(tokens(title), tokens(abstract), authors, categories))


def test_marks_hold_each_word_and_how_rich_the_paper_is_in_it() -> None:
    filling = " ".join(f"w{number}" for number in range(144))
    found = marked("Moths", f"Of moths and lamps. {filling}")
    assert {"moth", "moth~1", "moth~2", "lamp", "w1"} <= found
    assert not {"moth~4", "lamp~1", "of", "_of"} & found


def test_marks_hold_neighbours_of_a_title_as_pairs_but_for_stop_words() -> None:
    found = marked("Knowledge transfer of moths", " ".join(f"w{number}" for number in range(100)))
    assert {name for name in found if "+" in name} == {"knowledg+transfer~1", "knowledg+transfer~2"}


def test_marks_hold_categories_and_archives_and_which_comes_first() -> None:
    found = marked(categories=("cs.CL", "Cell  Biology"))
    assert found == {"cat:cs.cl", "first:cs.cl", "cat:cs", "first:cs", "cat:cell%20biology"}


def test_marks_hold_surnames_with_initials() -> None:
    assert marked(authors=("Ada Q. Lovelace", "…")) == {"by:lovelace", "by:lovelace:a", "by:lovelace:q"}


def test_marks_are_no_longer_than_a_database_takes() -> None:
    assert len(mark(("x" * 3000,), 3)) < 2000
    assert len(category_mark("é" * 3000)) < 2000
    assert len(author_mark("x" * 3000, "y")) < 2000
