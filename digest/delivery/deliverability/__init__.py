"""Whether mail from here can be expected to arrive: what large mail systems look at before they read a word.

`look` asks everything in turn; the others have one concern each: `names` asks the DNS, `spf`, `dkim_key`, `dmarc` and
`hosts` say what stands there, `relay` what the mail system offers, `sender` and `one_click` what the settings and the
site say. Each gives findings, with what to do about them; nothing is sent and nothing changed.
"""
