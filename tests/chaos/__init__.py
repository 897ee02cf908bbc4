"""Deliver an edition while everything breaks, and count: `make chaos`, or `python -m tests.chaos --help`.

`run` tells the story. `servers` are a private PostgreSQL and Redis, `recorder` the mail system, which misbehaves as
`dice` say, `workers` the processes that are killed. All live by the quick clock of `lapse`; `clockwork` calls the jobs.
`scene` makes the rows and reads them at the end, `verdict` compares them with what the recorder saw.
"""
