"""What a paper is worth to a reader: words, topics, relevance, trend, choice.

Pure functions over plain data; no database, no network, no clock. `text` makes words of text, `query` reads what a
reader typed, `matching` scores papers for topics, `trending` measures attention, `choose` fills one reader's digest.
`label` and `reasons` put topics and matches into words for people, and `related` widens a search.
"""
