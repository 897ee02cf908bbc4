"""What programs read: the papers as JSON, in the shape of the Hugging Face papers API, so that its clients work here.

`app` lists the addresses, `papers` and `topics` answer them, `shape` says what an answer looks like. `asked` reads what
is asked for, `errors` says in words what is wrong with it, `limits` counts who asks how often. `openapi` describes all
of this for machines and `docs` for people. Nothing here changes anything.
"""
