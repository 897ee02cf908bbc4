"""Broadsheet's flow, from a listing to an email. Read the modules in this order.

    source -> fetch -> parse -> clean -> store -> signals -> trending
                                           \\-> match (topics)  -> choose -> render -> hand over -> record -> feedback

sources/    what each kind of source says, as a Listing: pure. `arxiv_calendar` knows when batches are due, `publishers`
            has one module for each publisher's ways, `catalogue` the sources that staff switch on by name
ingest/     `refresh` tells the story of visiting sources side by side. For one visit: request (what is asked),
            politeness and lanes (whose turn it is), guard, fetch and wall (the network's edge), guarded and reader
            (parse and clean in a process that nothing can stall), store with identity, learn and merge (one paper, one
            row), and record with moved and schedule (what the next visit must know). Apart from visits: `catch_up`
            fills missed days, `signals` reads votes again, `complete` asks for missing abstracts, `preview` and
            `switch_on` add sources, `by_hand` reads what somebody names, `rank` brings trends and matches up to date,
            `try_topic` tries what somebody types on a `sample` of the last days' papers, `merge_topics` makes one of
            several topics, `topic_days` counts how much each brings. `index` writes each paper's words for the search,
            `search` finds papers by them, with `frequencies` for how rare words are. `look_up` finds one paper that a
            reader names, `submit` keeps what was shown until it is confirmed
ranking/    text, query, matching, trending, taste, choose: pure, numbers and dataclasses only; `starter` is the
            catalogue of topics that comes along, `narrow` says how a broad topic could be narrower, `in_words` says a
            query in a sentence; `marks` are what the index of the search holds, `ladder` (with `grid` and `conditions`)
            how it is asked, `likely` where to look first
models/     one file per noun; the rows are the queue, and their QuerySet verbs say what is due
delivery/   Each digest: `editions` opens digests for the readers whose hour has come; pool, compose, render, subject,
            headers, pieces and message make the mail, and `finished` does so for a slice; `content` is what compose
            tells render, `cards` reads papers for it, `mail_template` the templates. `deliver` tells the story of a
            run: `ledger` claims and records (what each fate leaves in a row is `fates`'), `gate` asks `pace` for how
            many there is room (`replies` are what it learns from, `alert` tells that mail has stopped), `lines` hand
            over side by side, `under_way` keeps account of what is not recorded yet, `patience` outwaits the database,
            `shift` and `stopping` end a run in good order. After a kill `recover` reads the `journal`; what nobody can
            know is left to `uncertain`.
            wire/: `handover` says what giving a mail to a mail system means, `transport` which way is in use: smtp
            (with session), provider or outbox. `parcel` has the last look at the bytes, `dkim` signs them.
            Beside the digest: `letters`, with `letter_ledger` and `wording`, does the same for confirmations and codes.
            Looking on: `preview` says what would be mailed, `archive` opens past digests again; `tally`, `equations`
            and `closing` tell how editions went, `figures` and `readiness` how the service is, `deliverability/`
            whether mail can be expected to arrive, `checks` whether the settings allow it. `forget` drops old rows
feedback/   what comes back: `links` are the signed links of mail, `signup` makes a reader of who confirms, `address`
            moves one. `provider` hears what mail providers report, `report` reads it, `bounces` draws the consequences,
            `settle` ends what was uncertain; `standing` says why no mail goes to a reader, and mends it. `export` and
            `erase` are about all that is kept of one reader
tasks.py    what the clock calls: each job handles what is due
admin/      for staff: `front` says how things are, from numbers that delivery/tally counts; `reader` and its neighbours
            are the page, the actions and the files of readers; `shown` renews the public pages after what staff save;
            the rest is one file per noun
management/ the commands; sample/ for a first look
web/        for readers: `signup` is the way in, `login` fits django-allauth in, `access` says whose page it is.
            `preferences` has the forms, `feedback_list` and `archive` the lists, `private_feed` the feed of one reader,
            `leaving` the way out. For machines: `probes`, and `probe_server` where there is no web server.
            For everybody: `lists` says which papers a day, a week, a month (`periods`) or what trends shows, `stories`
            how; `today` and `list_pages` are their pages, `topic_list` and `topic_page` those of topics (with
            `topic_papers`, `follow`), `search` with `search_asked`, `highlight` and `search_estimate` the page of the
            search, `paper` with `paper_page`, `citation` and `vote` that of one paper, `submit` takes papers from
            readers, `about` with its `example` and `privacy` explain. `fresh` makes public pages once for all, `origin`
            guards the forms of strangers, `crawlers` tells crawlers where to go, `context` leads from each page to all
            others, `paging` from one part of a long list to the next; `limits` counts what only costs time. `atom`
            makes every feed. api/: `app` lists the addresses for programs, `papers` and `topics` answer, `shape` says
            what answers look like, `asked`, `errors` and `limits` guard them, `openapi` and `docs` describe them

Each stage claims rows that are due, works outside transactions, and records the result; a stage that is run twice or
killed midway does no harm.
"""
