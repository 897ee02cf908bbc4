"""Broadsheet's flow, from a listing to an email. Read the modules in this order.

    source -> fetch -> parse -> clean -> store -> signals -> trending
                                           \\-> match (topics)  -> choose -> render -> hand over -> record -> feedback

sources/    what each kind of source says, as a Listing: pure
ingest/     guard, fetch, document, parse, clean, store; `refresh` tells the story of one source's refresh, and `rank`
            brings trends and matches up to date
ranking/    text, query, matching, trending, choose: pure, numbers and dataclasses only
models/     one file per noun; the rows are the queue, and their QuerySet verbs say what is due
delivery/   `editions` opens digests for the readers whose hour has come; pool, compose, render, headers and message
            make the mail; `handover` gives it to a mail system; `ledger` claims and records; `deliver` tells the story
feedback/   what comes back from readers: the signed links of their mail
tasks.py    what the clock calls: each job handles what is due
management/ the commands; admin/ for staff; web/ for readers; sample/ for a first look

Each stage claims rows that are due, works outside transactions, and records the result; a stage that is run twice or
killed midway does no harm.
"""
