"""Plain text out of HTML as feeds carry it: tags known by name go, everything else stays, entities are resolved.

A well-formed tag is told from mathematics by its name and its attributes. The standard library's HTML parser is not
used: it takes the "<b and c>" of "a<b and c>0" for bold type, and the text in it is lost. Escaping for output comes
later.
"""

import html
import re
from functools import lru_cache

# Between block elements there is a space, inside running text there is none: "S<sub>N</sub>2" is "SN2".
_BLOCK = re.compile(
    r"address|article|aside|blockquote|body|br|caption|center|d[dlt]|details|div|fieldset|figcaption|figure|footer|form|h[1-6]"
    r"|head|header|hr|html|iframe|img|input|label|li|main|nav|noscript|[ou]l|option|p|pre|section|select|summary|table|tbody"
    r"|td|textarea|tfoot|th|thead|time|title|tr|video"
    r"|jats:(?:abstract|break|disp-(?:formula|quote)|label|list|list-item|p|sec|title)"
)
_INLINE = re.compile(
    r"a|abbr|acronym|b|bd[io]|big|button|cite|code|data|del|dfn|em|embed|font|i|ins|kbd|link|mark|meta|object|picture|q|r[pt]"
    r"|ruby|s|samp|small|source|span|strike|strong|su[bp]|svg|tt|u|var|wbr"
    r"|math|m[ino]|mrow|msu[bp]|msubsup|mfrac|msqrt|mtext|mspace|mover|munder|mstyle|mtable|mt[rd]|semantics|annotation"
    r"|inline-formula|tex-math|italic|bold|sc|(?:mml|jats|m|xhtml):[a-z-]+"
)
_NEVER_CLOSED = re.compile(r"br|hr|img|input|link|meta|source|embed|wbr|iframe")
_TAG = re.compile(
    r"""< (?P<end>/?) (?P<name>[a-zA-Z][a-zA-Z0-9:-]{0,30}+)
        (?P<attributes>
            (?> \s+ [a-zA-Z_:@][\w:.-]*+ (?> \s*=\s* (?> "[^"]*" | '[^']*' | [^\s"'<>=][^\s"'<>]*+ ) )? )*+ )
        \s*+ /? >""",
    re.VERBOSE,
)
_UNSEEN = tuple(
    (re.compile(opening, re.IGNORECASE), re.compile(closing, re.IGNORECASE))
    for opening, closing in (("<!--", "-->"), (r"<script\b", r"</script\s*>"), (r"<style\b", r"</style\s*>"))
)
_ENTITY = re.compile(r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});")
_POWER = re.compile(r"<(jats:)?sup>\s*([-+−–]?\d+|[-+−–])\s*</(?(1)jats:)sup>", re.IGNORECASE)
_RAISED = str.maketrans("0123456789+-−–", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁻⁻")
LONGEST_VARIABLE = 2  # "<b and c>" may be mathematics, "<div hidden>" may not
MAX_ESCAPES = 3  # "&amp;amp;amp;": escaped by the author, the publisher and the feed


def plain_text(markup: str) -> str:
    """Return the text of `markup` on one line; text that was escaped more than once is read like text escaped once."""
    for _ in range(MAX_ESCAPES):
        if "<" not in markup and "&" not in markup:
            break
        text = _ENTITY.sub(lambda entity: html.unescape(entity[0]), _without_tags(markup))
        if text == markup:
            break
        markup = text
    return " ".join(markup.split())


def _without_tags(markup: str) -> str:
    if "<" not in markup:
        return markup
    for opening, closing in _UNSEEN:
        markup = _without(markup, opening, closing)
    markup = markup.replace("<![CDATA[", "").replace("]]>", "")
    markup = _POWER.sub(lambda power: power[2].translate(_RAISED), markup)
    closed = {tag["name"].lower() for tag in _TAG.finditer(markup) if tag["end"]}
    return _TAG.sub(lambda tag: _instead_of(tag, closed), markup)


def _without(markup: str, opening: re.Pattern[str], closing: re.Pattern[str]) -> str:
    """Drop what stands from `opening` to `closing`; what is never closed stays, and is looked at once only."""
    kept, position = [], 0
    while (first := opening.search(markup, position)) and (last := closing.search(markup, first.end())):
        kept += [markup[position : first.start()], " "]
        position = last.end()
    return "".join(kept) + markup[position:]


def _instead_of(tag: re.Match[str], closed: set[str]) -> str:
    name = tag["name"].lower()
    space = _space(name)
    if space is None:
        return tag[0]
    written_as_tag = not tag["attributes"].strip() or "=" in tag["attributes"] or len(name) > LONGEST_VARIABLE
    ends = tag[0].endswith("/>") or name in closed or _NEVER_CLOSED.fullmatch(name) or _starts_a_paragraph(tag)
    if not written_as_tag or not ends:
        return tag[0]  # "a<b and c>0" and "n<p>1" are no tags
    return space


@lru_cache(maxsize=512)
def _space(name: str) -> str | None:
    """Return what a tag leaves in its place, None for a name that is no tag's."""
    if _BLOCK.fullmatch(name):
        return " "
    return "" if _INLINE.fullmatch(name) else None


def _starts_a_paragraph(tag: re.Match[str]) -> bool:
    """Say whether a tag that is never closed begins a paragraph: at the start, or after the end of a sentence."""
    before = tag.string[max(0, tag.start() - 80) : tag.start()].rstrip()[-1:]
    return tag["name"].lower() in ("p", "li") and (not before or before in ".!?:;>")
