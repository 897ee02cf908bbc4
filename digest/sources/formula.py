"""One LaTeX formula, without its dollar signs, on one line of Unicode: `\\mathbb{R}^{n+1}` becomes ℝⁿ⁺¹.

Braces are resolved from the inside out, so that commands never see any; what has no Unicode form is written as people
type it, x_ij and (a+b)/c. Finding formulas in a text is `digest.sources.latex`'s business.
"""

import re
import unicodedata
from functools import lru_cache

from pylatexenc import latex2text

MAX_DEPTH = 20  # braces in braces; more are left as they are

_CONTEXT = latex2text.get_default_latex_context_db()
_CONVERTER = latex2text.LatexNodes2Text(math_mode="text")
_SWITCHES = re.compile(r"it|bf|rm|em|sc|tt|sf|sl|cal|relax|small|noindent|centering")
_EXTRA = {"deg": "°", "LaTeX": "LaTeX", "TeX": "TeX", "item": " • ", "ie": "i.e.", "eg": "e.g.", "etal": "et al."}
_SPACES = dict.fromkeys(",;: >\\\n", " ") | dict.fromkeys("!-/@", "")

# Stand in for signs that are finished text, not LaTeX any more, and for "a space, if letters would touch here".
RAISE, LOWER, GAP = "\U0010f05e", "\U0010f05f", "\U0010f020"
_RAISED = dict(zip("0123456789+-−=()niT⊤∘'′*⋆†", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁻⁼⁽⁾ⁿⁱᵀᵀ°′′*⋆†", strict=True))
_LOWERED = dict(zip("0123456789+-−=()", "₀₁₂₃₄₅₆₇₈₉₊₋₋₌₍₎", strict=True))
_ORDINALS = ("th", "st", "nd", "rd")

_ARGUMENT = r"\s*(\{[^{}]*\}|\\[A-Za-z]+|[^\s{}\\])"
_PLAIN = re.compile(
    r"\\(?:text(?:rm|bf|it|sf|tt|sc|normal)?|math(?:rm|bf|sf|it|tt|ds|op|bin|rel)|boldsymbol|bm|pmb|operatorname|mbox|hbox"
    rf"|underline|emph|underbrace|overbrace|ensuremath)(?![A-Za-z])\*?{_ARGUMENT}"
)
_LETTERED = re.compile(rf"\\(mathbb|mathcal|mathfrak|mathscr)(?![A-Za-z]){_ARGUMENT}")
_ACCENTED = re.compile(
    r"\\(hat|bar|tilde|vec|dot|ddot|widehat|widetilde|overline|check|breve|acute|grave|mathring)(?![A-Za-z])"
    + _ARGUMENT
)
_PAIR = re.compile(rf"\\([dt]?frac|binom|stackrel|overset|underset|textcolor)(?![A-Za-z]){_ARGUMENT}{_ARGUMENT}")
_ROOT = re.compile(rf"\\sqrt(?:\[([^\[\]]*)\])?{_ARGUMENT}")
_CODE_POINT = re.compile(r"\\unicode\s*\{?\s*x([0-9A-Fa-f]{2,6})\s*\}?")
_UNSEEN = re.compile(
    r"\\(?:left|right|[bB]ig+[lrm]?|displaystyle|textstyle|limits|nolimits|nonumber)(?![A-Za-z])\.?"
    r"|\\(?:begin|end|label|color|vspace|hspace)\s*\{[^{}]*\}(?:\{[lcr|]+\})?"
)
_BARE_SCRIPT = re.compile(r"([\^_])\s*(\\[A-Za-z]+\s*\{[^{}]*\})")
_SCRIPT = re.compile(r"([\^_])\s*\{([^{}]*)\}")
_SHORT_SCRIPT = re.compile(r"([\^_])\s*(\\[A-Za-z]+|[^\s{}\\])")
_GROUP = re.compile(r"(\\[A-Za-z]+\s*|[}\]]\s*)?\{([^{}]*)\}")
_UNKNOWN = re.compile(r"\\([A-Za-z]+)\s*((?:\{[^{}]*\})+)")
_COMMAND = re.compile(r"\\([A-Za-z]+)|\\(.)", re.DOTALL)
_NOT = re.compile(r"\\not(?![A-Za-z])\s*(\\[A-Za-z]+|[=<>])")
_FENCED = re.compile(rf"\\(ket|bra|norm|abs)(?![A-Za-z]){_ARGUMENT}")
_FENCES = {"ket": "|⟩", "bra": "⟨|", "norm": "‖‖", "abs": "||"}
_TOUCHING = re.compile(rf"(?<=[A-Za-z0-9)\]α-ω]){GAP}+(?=[A-Za-z0-9Α-ω])")
_LEANING = re.compile(r"(?<=[\w)\]])([≤≥≈≪≫∝→⊂⊆∈∉≠≡×±∼]) ")  # TeX wants a space after \leq, none before
_NEARLY = {"widehat": "hat", "widetilde": "tilde", "overline": "bar"}


def formula(source: str) -> str:
    """Return `source` in Unicode; LaTeX that is broken or too deep stays as it is written."""
    text = _UNSEEN.sub("", source)
    text = _CODE_POINT.sub(lambda found: _character(int(found[1], 16)), text)
    for _ in range(MAX_DEPTH):
        resolved = _resolved(text)
        if resolved == text and "{" in text:
            resolved = _without_groups(text)
        if resolved == text:
            break
        text = resolved
    text = symbols(_SHORT_SCRIPT.sub(lambda found: _script(found[1], found[2]), text))
    if "{" in text or "}" in text:
        return source
    text = _TOUCHING.sub(" ", text).replace(GAP, "").replace(RAISE, "^").replace(LOWER, "_").replace("~", " ")
    return _LEANING.sub(r" \1 ", unicodedata.normalize("NFC", " ".join(text.split())))


def _resolved(text: str) -> str:
    """Resolve the innermost commands with arguments, and the scripts in braces."""
    text = _BARE_SCRIPT.sub(r"\1{\2}", text)
    text = _NOT.sub(lambda found: symbols(found[1]) + "\u0338", text)
    text = _FENCED.sub(lambda found: symbols(_inside(found[2])).join(_FENCES[found[1]]), text)
    text = _PLAIN.sub(lambda found: _word(symbols(_inside(found[1]))), text)
    for styled in (_LETTERED, _ACCENTED):
        text = styled.sub(lambda found: _styled(found[1], symbols(_inside(found[2]))), text)
    text = _PAIR.sub(lambda found: _pair(found[1], symbols(_inside(found[2])), symbols(_inside(found[3]))), text)
    text = _ROOT.sub(lambda found: _root(found[1] or "", symbols(_inside(found[2]))), text)
    return _SCRIPT.sub(lambda found: _script(found[1], found[2]), text)


def _without_groups(text: str) -> str:
    """Drop the innermost braces that only group; where all belong to commands, those of commands nobody knows."""
    free = _GROUP.sub(lambda found: found[0] if found[1] else symbols(found[2]), text)
    if free != text:
        return free
    return _UNKNOWN.sub(lambda found: _named(found[1]) + symbols(re.sub(r"[{}]", "", found[2])), text)


def _inside(argument: str) -> str:
    return argument[1:-1] if argument.startswith("{") else argument


def symbols(text: str) -> str:
    """Replace every command by its symbol, or by its name where it has none."""
    return _COMMAND.sub(lambda found: _named(found[1]) if found[1] else _sign(found[2]), text)


def _named(name: str) -> str:
    known = symbol(name)
    return _word(name if known is None else known)


def _sign(sign: str) -> str:
    return "‖" if sign == "|" else _SPACES.get(sign, sign)


@lru_cache(maxsize=4096)
def symbol(name: str) -> str | None:
    """Return what the command `name` without arguments prints; None where nobody knows it."""
    if name in _EXTRA or _SWITCHES.fullmatch(name):
        return _EXTRA.get(name, "")
    spec = _CONTEXT.get_macro_spec(name)
    known = spec.simplify_repl if spec else None
    return known if isinstance(known, str) and "%" not in known else None


@lru_cache(maxsize=4096)
def converted(source: str) -> str:
    """Return what pylatexenc makes of one command with one letter; the source where it fails."""
    try:
        return unicodedata.normalize("NFC", str(_CONVERTER.latex_to_text(source)).strip()) or source
    except Exception:  # its own errors are as many as the ways to write LaTeX
        return source


def _word(text: str) -> str:
    return f"{GAP}{text}{GAP}" if len(text) > 1 else text


def _character(code: int) -> str:
    return chr(code) if code <= 0x10FFFF and not 0xD800 <= code <= 0xDFFF else "\ufffd"


def _styled(name: str, argument: str) -> str:
    letter = argument.strip()
    if len(letter) != 1 or not letter.isalpha():
        return argument
    return converted(f"\\{_NEARLY.get(name, name)}{{{letter}}}")


def _pair(name: str, first: str, second: str) -> str:
    if name.endswith("frac"):
        return f"{_factor(first)}/{_factor(second)}"
    if name == "binom":
        return f"C({first}, {second})"
    if name == "textcolor":
        return second
    return second + _script("_" if name == "underset" else "^", first)


def _root(degree: str, argument: str) -> str:
    return "".join(_RAISED.get(sign, sign) for sign in degree) + "√" + _factor(argument)


def _factor(text: str) -> str:
    """Put brackets around what would fall apart next to an operator."""
    text = text.replace(GAP, "").strip()
    return text if re.fullmatch(r"[\w.]+|\([^()]*\)", text) else f"({text})"


def _script(sign: str, content: str) -> str:
    content = symbols(content).replace(GAP, "").strip()
    table = _RAISED if sign == "^" else _LOWERED
    if all(letter in table for letter in content):
        return "".join(table[letter] for letter in content)
    if sign == "^" and content in _ORDINALS:
        return content + GAP
    mark = RAISE if sign == "^" else LOWER
    return f"{mark}{content}{GAP}" if content.isalnum() or len(content) == 1 else f"{mark}({content})"
