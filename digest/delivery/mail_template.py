"""Templates of mail, with the style sheet written into their elements. What they say is for `render` and `wording`."""

from functools import cache

import css_inline
from django.template import Engine, Template

PARTS = ("emails/_", "emails/letters/")  # pieces of a page, put into another template


@cache
def mail_template(name: str) -> Template:
    """Return a template of the mail, with mail.css already written into the elements of an HTML one.

    Inlined once, a style costs nothing per mail. Django's tags pass through the inliner as text, so they must stand
    where HTML allows text (after <body>, not between table rows) and hold no <, > or &.
    """
    engine = Engine.get_default()
    template = engine.get_template(name)
    if not name.endswith(".html"):
        return template
    inliner = css_inline.CSSInliner(
        load_remote_stylesheets=False,
        keep_style_tags=True,
        minify_css=True,
        extra_css=engine.get_template("emails/mail.css").source,
    )
    is_part = name.startswith(PARTS)
    return engine.from_string(
        inliner.inline_fragment(template.source, "") if is_part else inliner.inline(template.source)
    )


def plain(text: str) -> str:
    """Return what a template of plain text gave as the text that it is: Django takes what templates give for HTML."""
    return text + ""  # the sum of a SafeString and a str is a str
