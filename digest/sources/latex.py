"""LaTeX as sources write it, into Unicode as people read it: in titles, abstracts and author names.

What is not LaTeX stays as it is, prices ("$5 and $7") and per cent signs included. Text is never lost: of a command
that nobody knows the name remains. pylatexenc knows the symbols and accents, but never sees a whole text: it takes a
per cent sign for a comment and two prices for a formula, and drops the braces of sets. Escaping for output comes later.
"""

import re
import unicodedata

from digest.sources.formula import MAX_DEPTH, converted, formula, symbol

_TEX = re.compile(r"[\\$]|``")
_TEX_IN_NAME = re.compile(r"[\\{}~]")

# Signs that are text, not LaTeX, are put aside in the private use area while commands are resolved.
_ASIDE = 0x10F000
_PUT_ASIDE = {ord(sign): _ASIDE + ord(sign) for sign in "\\{}$~"}
_PUT_BACK = {_ASIDE + code: chr(code) for code in range(33, 127)}
_DROPPED = "\U0010f000"

_ESCAPED = re.compile(r"\\([%$&#_{}])")
_APOSTROPHE = re.compile(r"(?<=[A-Za-z])\\'s(?![A-Za-z])")  # "it\'s", from programs that escape quotes
_QUOTED = re.compile(r"``([^`']{1,200})''")
_TIE = re.compile(r"(?<=[\w.,)])~(?=[\w\\])")
_DISPLAYED = re.compile(
    r"\$\$([^$]{1,2000})\$\$|\\\(((?:(?!\\\().){1,2000}?)\\\)|\\\[((?:(?!\\\[).){1,2000}?)\\\]"
    r"|\\begin\{(?:equation|align|gather|math)\*?\}(.{1,2000}?)\\end\{(?:equation|align|gather|math)\*?\}",
    re.DOTALL,
)
_CERTAIN = re.compile(r"[\\^_]")
_ARGUMENT = re.compile(r"\\[A-Za-z]+\s*(?:\{[^{}]*\})?|\{[^{}]*\}")
_PROSE = re.compile(r"\b[A-Za-z]{3,}[,;]?\s+[a-z]{3,}\b")
_AMOUNT = re.compile(r"\d[\d.,]*\s+[a-z]{2,}\b")
_LETTER = r"(?:\{\s*(\\?[^\W\d_]{0,2})\s*\}|(\\[ij](?![A-Za-z])|[^\W\d_]))"
_ACCENT = re.compile(rf"\\([\"'`^~=.]|[bcdHkruv](?![A-Za-z]))\s*{_LETTER}")
_BRACED_ACCENT = re.compile(rf"(\\[A-Za-z]+|\}})?\{{\s*({_ACCENT.pattern})\s*\}}")
_SWITCH = re.compile(r"\\color\{[^{}]*\}(?!\{)")
_GROUP = re.compile(r"\{(\s*\\[^{}]*)\}")
_WITH_ARGUMENTS = re.compile(r"\\([A-Za-z]++)\*?+(?:\[[^\[\]]*\])*+((?:\{[^{}]*\})++)(?!\{)")
_ALONE = re.compile(r"\\(?P<name>[A-Za-z]++)\*?+(?!\{)(?P<space> *)|\\(?P<sign>[ ,;:!/@\\\"'`-])")
_REFERENCE = re.compile(
    r"cite\w*|[Cc]?ref|eqref|autoref|label|begin|end|[vh]space|bibliography\w*|footnotemark|thanks|pagestyle|usepackage"
)
_LETTERS = re.compile(r"[LlOoij]|ss|aa|ae|AE|oe|OE|dh|DH|th|TH|dj|DJ|ng|NG")
_DASH = re.compile(r"(?<![-!<])-{2,3}(?![->])")  # typed as TeX wants it, in texts without any other TeX too
_LAST = re.compile(r"textcolor|colorbox|scalebox|raisebox|hyperref|hyperlink")


def readable(text: str) -> str:
    """Return a title or an abstract with its LaTeX as Unicode."""
    text = _DASH.sub(lambda found: "—" if len(found[0]) == 3 else "–", text)
    if not _TEX.search(text):
        return text
    text = _ESCAPED.sub(lambda found: chr(_ASIDE + ord(found[1])), text)
    text = _formulas(_DISPLAYED.sub(lambda found: _aside(next(filter(None, found.groups()))), text))
    text = _QUOTED.sub(r"“\1”", _APOSTROPHE.sub("'s", text))
    return _finished(_TIE.sub(" ", _commands(text)))


def readable_name(text: str) -> str:
    """Return an author's name with its accents as Unicode: `Jos\\'e` is José."""
    if not _TEX_IN_NAME.search(text):
        return text
    name = _commands(_ESCAPED.sub(r"\1", text))
    return _finished(re.sub(r"[{}]", "", name).replace("~", " ")) or text


def _formulas(text: str) -> str:
    """Replace what stands between two dollar signs, where it is a formula and not the text between two prices."""
    pieces = text.split("$")
    done = pieces[0]
    position = 1
    while position < len(pieces):
        source = pieces[position]
        if position + 1 < len(pieces) and _is_formula(source, pieces[position + 1][:1]):
            done += _aside(source) + pieces[position + 1]
            position += 2
        else:
            done += "$" + source
            position += 1
    return done


def _is_formula(source: str, following: str) -> bool:
    if _PROSE.search(_ARGUMENT.sub("", source)):
        return False
    if _CERTAIN.search(source):
        return True
    if not source.strip() or _AMOUNT.match(source) or source[:1].isspace() != source[-1:].isspace():
        return False
    return not following.isdigit() or not any(sign.isalnum() for sign in source)


def _aside(source: str) -> str:
    return formula(source).translate(_PUT_ASIDE)


def _commands(text: str) -> str:
    """Resolve accents and commands from the inside out; the one that opens a group, "{\\it ...}", with its group."""
    text = _SWITCH.sub(r"\\relax ", text).replace("\\color{", "\\textcolor{")
    for _ in range(MAX_DEPTH):
        resolved = _BRACED_ACCENT.sub(lambda found: found[0] if found[1] else found[2], text)
        resolved = _WITH_ARGUMENTS.sub(_with_arguments, _ACCENT.sub(_accent, resolved))
        resolved = _GROUP.sub(lambda found: _ALONE.sub(_alone, found[1]).lstrip(), resolved)
        if resolved == text:
            break
        text = resolved
    return _ALONE.sub(_alone, text)


def _accent(found: re.Match[str]) -> str:
    return converted(f"\\{found[1]}{{{found[2] or found[3] or ''}}}").translate(_PUT_ASIDE)


def _with_arguments(found: re.Match[str]) -> str:
    name = found[1]
    arguments = [_ALONE.sub(_alone, argument) for argument in re.findall(r"\{([^{}]*)\}", found[2])]
    if _REFERENCE.fullmatch(name):
        return _DROPPED
    if name in ("textsuperscript", "textsubscript"):
        return _aside(f"{'^' if name == 'textsuperscript' else '_'}{{{''.join(arguments)}}}")
    if name == "href" and len(arguments) > 1:
        url, text = arguments[0].strip(), arguments[1]
        return text if url in text else f"{text} ({url})"
    if name == "footnote":
        return f" ({''.join(arguments).strip()})"
    known = symbol(name)
    if known is not None:
        return known + "".join(arguments)
    text = arguments[-1] if _LAST.fullmatch(name) else "".join(arguments)
    return text if text.strip() else name


def _alone(found: re.Match[str]) -> str:
    if sign := found["sign"]:
        return sign if sign in "\"'`" else "" if sign in "!/@-" else " "
    name, space = found["name"], found["space"]
    known = symbol(name)
    if known is not None:
        followed = found.string[found.end() : found.end() + 1]
        return known if _LETTERS.fullmatch(name) and followed.islower() else known + space
    if re.match(r"[\w:\\]", found.string[max(0, found.start() - 1) : found.start()]):
        return found[0].translate(_PUT_ASIDE)  # "C:\data" is a path
    return name + space


def _finished(text: str) -> str:
    text = re.sub(rf"[\s~]*{_DROPPED}", "", text).translate(_PUT_BACK)
    return unicodedata.normalize("NFC", re.sub(r" {2,}", " ", text).strip())
