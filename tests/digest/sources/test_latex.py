import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.sources.latex import readable, readable_name
from tests.digest.growth import LINEAR, growth


@pytest.mark.parametrize(
    "text",
    [
        "",
        "How stones float",
        "costs $5 and $7",
        "from US$5 to A$7, or $500-$1000 a year",
        "10% of 20 & more, #1, a_b, x^2, {1, 2}, C~D",
        "p < 0.05 and n>3",
        "ends with a price of $5",
        "$",
        "$$",
        "$ $",
        "{ and }",
        "naïve Erdős—Rényi 数学",
        "line one\nline two",
    ],
)
def test_plain_text_is_untouched(text: str) -> None:
    assert readable(text) == text


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (r"An $O(n \log n)$ bound", "An O(n log n) bound"),
        (r"over $\mathbb{R}^{n}$ and \(x\) and \[y\]", "over ℝⁿ and x and y"),
        ("H$_2$O at 10$^{-3}$", "H₂O at 10⁻³"),
        (r"256$\times$256 images", "256×256 images"),
        (r"$k$-NN, $\epsilon$-greedy, 3$\sigma$", "k-NN, ϵ-greedy, 3σ"),
        (r"for $n<p$ and $a<b$", "for n<p and a<b"),
        ("if $ x = 1 $ then $ 5 $", "if x = 1 then 5"),
        ("$$x^2$$", "x²"),
        (r"$\textit{scales at inference time}$", "scales at inference time"),
        (r"\begin{equation*}x^2\end{equation*}", "x²"),
        (r"sets $\{1,2\}$ and {1,2}", "sets {1,2} and {1,2}"),
        ("a $>$3% gain", "a >3% gain"),
        (r"gains $\sim$27\%", "gains ∼27%"),
    ],
)
def test_formulas_become_unicode(text: str, expected: str) -> None:
    assert readable(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("costs $5 and $x_1$ is free, $7 is not", "costs $5 and x₁ is free, $7 is not"),
        (r"costs \$5, or $\alpha$", "costs $5, or α"),
        (r"$5 for \emph{this} and $7", "$5 for this and $7"),
        (r"$5 an hour$ and $2 \times 3 cm$", "$5 an hour$ and 2 × 3 cm"),
        ("from $5 million to $7 million, $n$ times", "from $5 million to $7 million, n times"),
        (r"10\% of $x$, 20% of $y$", "10% of x, 20% of y"),
    ],
)
def test_prices_and_per_cent_signs_are_no_formulas(text: str, expected: str) -> None:
    assert readable(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (r"\emph{bold} and \textbf{italic}", "bold and italic"),
        (r"\textbf{a \emph{b \texttt{c}} d}", "a b c d"),
        (r"{\it one} {\bf two} {\em three {\sc four} five}", "one two three four five"),
        (r"\textbf{27$\times$} faster", "27× faster"),
        (r"as shown~\cite{a,b}, in \citep[see][]{c}.", "as shown, in."),
        (r"see Sec.~\ref{x} and Fig.~3", "see Sec. and Fig. 3"),
        (r"\cite{a} show", "show"),
        (r"\url{https://e.example/a_b}", "https://e.example/a_b"),
        (r"\href{https://e.example/a}{code}", "code (https://e.example/a)"),
        (r"\href{https://e.example/a}{https://e.example/a}", "https://e.example/a"),
        (r"\textcolor{red}{warm} {\color{red} warm} \color{red}{warm}", "warm warm warm"),
        (r"km\textsuperscript{2}, CO\textsubscript{2}", "km², CO₂"),
        (r"true\footnote{mostly}", "true (mostly)"),
        (r"\begin{itemize}\item one\item two\end{itemize}", "• one • two"),
        (r"360{\deg} and 10{\times}", "360° and 10×"),
        (r"\alpha and \beta", "α and β"),
        (r"one\\two\ three\,four", "one two three four"),
        (r"R\&D \#1 a\_b \{c\}", "R&D #1 a_b {c}"),
        (r"``quoted'' text", "“quoted” text"),
        (r"\ie this, \eg that, \LaTeX", "i.e. this, e.g. that, LaTeX"),
        (r"it\'s the model\'s", "it's the model's"),
    ],
)
def test_commands_go_and_their_text_stays(text: str, expected: str) -> None:
    assert readable(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (r"we call it \ours, or \name{}", "we call it ours, or name"),
        (r"\method{Stone} floats", "Stone floats"),
        (r"in C:\data\new", r"in C:\data\new"),
        (r"$\ourmethod$ wins", "ourmethod wins"),
    ],
)
def test_of_unknown_commands_the_name_or_the_argument_remains(text: str, expected: str) -> None:
    assert readable(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (r"D\'ej\`a vu, na\"{\i}ve, \'{E}tat", "Déjà vu, naïve, État"),
        (r"Schr\"odinger, H\"{o}lder, Fr{\'e}chet", "Schrödinger, Hölder, Fréchet"),
        (r"Stra\ss e, Stra{\ss}e, \AA ngstr\"om", "Straße, Straße, Å ngström"),
    ],
)
def test_accents_in_texts(text: str, expected: str) -> None:
    assert readable(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a } b { c $x", "a } b { c $x"),
        (r"\textbf{never closed", r"\textbf{never closed"),
        (r"$\frac{$ and text", r"\frac{ and text"),
        ("\\", "\\"),
        (r"{\it open", "{ open"),
        (r"one \( of \(x^2\)", r"one \( of x²"),
        (r"one \[ of \[x^2\]", r"one \[ of x²"),
        (r"\end{itemize} text }", "text }"),
    ],
)
def test_unbalanced_latex_loses_no_text(text: str, expected: str) -> None:
    assert readable(text) == expected


@given(st.text(alphabet="\\{}$^_~%&[]()'`\" abz1\nemphcitfr", max_size=80))
def test_no_text_is_an_error_and_none_grows_without_bounds(text: str) -> None:
    assert len(readable(text)) <= 12 * len(text) + 100
    assert len(readable_name(text)) <= 12 * len(text) + 100


@given(st.text(alphabet=st.characters(exclude_characters="\\$`"), max_size=80))
def test_text_without_latex_is_returned_as_it_is(text: str) -> None:
    assert readable(text) == text


@pytest.mark.parametrize(
    ("piece", "count"),
    [
        ("$", 2500),
        ("\\(", 125),
        ("\\(", 1250),
        ("\\[", 125),
        ("\\emph{", 400),
        ("{\\it ", 400),
        ("{\\it x}", 400),
        ("$x$ ", 600),
        ("\\x{}", 600),
    ],
)
def test_time_for_hostile_texts_grows_with_their_length(piece: str, count: int) -> None:
    assert growth(readable, piece, count) < LINEAR


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Ida Lindgren", "Ida Lindgren"),
        (r"Jos\'e N\'u\~nez", "José Núñez"),
        (r"{\'E}tienne B\'{e}zout", "Étienne Bézout"),
        (r"P\'al Erd\H{o}s", "Pál Erdős"),
        (r"\L ukasz Ka{\'n}ski", "Łukasz Kański"),
        (r"{\L}ukasz \.Ilker", "Łukasz İlker"),
        (r"Ho\v{c}ek, \v Zi\v{z}ka", "Hoček, Žižka"),
        (r"Mar\c{c}al \c Celik", "Marçal Çelik"),
        (r"{\AA}sa {\O}rsted H{\ae}g", "Åsa Ørsted Hæg"),
        (r"Wei\ss, Gro{\ss}e", "Weiß, Große"),
        (r"na\"{\i}f", "naïf"),
        (r"Ry\'s", "Ryś"),
        (r"Nguy{\~{\^e}}n", "Nguyễn"),
        (r"\u{g} \k{a} \r{u} \=o", "ğ ą ů ō"),
        ("J.~Marsh", "J. Marsh"),
        ("{van der} Berg", "van der Berg"),
        (r"AT\&T Labs", "AT&T Labs"),
        ("O'Neil Jr.", "O'Neil Jr."),
        ("", ""),
        ("{}", "{}"),
    ],
)
def test_names_are_readable(name: str, expected: str) -> None:
    assert readable_name(name) == expected


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("fast -- and small", "fast – and small"),
        ("pages 3--7", "pages 3–7"),
        ("one thing --- another", "one thing — another"),
        ("a --> b <-- c", "a --> b <-- c"),
        ("well-known", "well-known"),
        ("a rule: -----", "a rule: -----"),
    ],
)
def test_dashes_are_as_long_as_tex_means_them(text: str, read: str) -> None:
    assert readable(text) == read
