"""What each kind of source says about papers, as Listings: pure functions over text and parsed entries.

`arxiv`, `feed`, `hf_daily` and `topic_page` each read one kind of document; the other modules hold what they share.
Fetching, undoing the format (XML, JSON) and bounding lengths is left to `digest.ingest`.
"""
