"""What each kind of source says about papers, as Listings: pure functions over text and parsed entries.

`arxiv`, `arxiv_api`, `arxiv_oai`, `biorxiv`, `crossref`, `feed`, `hf_daily` and `topic_page` each read one kind of
document, and `publishers` knows the ways of single publishers' feeds; the other modules hold what they share. Fetching,
undoing the format (XML, JSON) and bounding lengths is left to `digest.ingest`.
"""
