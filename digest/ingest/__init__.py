"""From a source's address to stored papers with their trend and matches: fetch, parse, clean, store, rank."""
