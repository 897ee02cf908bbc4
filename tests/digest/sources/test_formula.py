import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.sources.formula import formula, symbol
from tests.digest.growth import LINEAR, growth


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("x", "x"),
        ("n<p", "n<p"),
        (r"\alpha+\beta", "α+β"),
        (r"O(n \log n)", "O(n log n)"),
        (r"n\log n", "n log n"),
        (r"\log\log n", "log log n"),
        (r"\mathbb{R}^{n}", "ℝⁿ"),
        (r"\mathbb R", "ℝ"),
        (r"\mathcal{O}(n^2)", "𝒪(n²)"),
        (r"\mathrm{d}x", "dx"),
        (r"\mathbf{x}", "x"),
        (r"10\mathrm{GeV}", "10 GeV"),
        (r"5\,\mathrm{GeV}", "5 GeV"),
        (r"\operatorname{argmin}_x f", "argmin_x f"),
        (r"\text{if }x", "if x"),
        (r"\mathrm{CO}_2", "CO₂"),
        (r"a\leq b", "a ≤ b"),
        (r"a \leq b", "a ≤ b"),
        (r"a\le b\not=c\not\in D", "a ≤ b≠c ∉ D"),
        (r"256 \times 256", "256 × 256"),
        (r"|\psi\rangle", "|ψ⟩"),
        (r"\ket{\psi}\bra{\phi}", "|ψ⟩⟨ϕ|"),
        (r"\norm{x}\abs{y}", "‖x‖|y|"),
        (r"\|x\|_2", "‖x‖₂"),
        (r"\ourmethod", "ourmethod"),
        (r"\unicode{x2014}", "—"),
        (r"\unicode{xD800}", "\ufffd"),
        (r"\left(\frac{1}{2}\right)", "(1/2)"),
        (r"\textcolor{red}{x}", "x"),
        (r"\begin{aligned}x\end{aligned}", "x"),
        ("a~b", "a b"),
    ],
)
def test_symbols_and_commands(source: str, expected: str) -> None:
    assert formula(source) == expected


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("x^2", "x²"),
        ("x^{10}", "x¹⁰"),
        ("10^{-3}", "10⁻³"),
        ("x_0", "x₀"),
        ("x_{12}^{-1}", "x₁₂⁻¹"),
        ("^{12}C", "¹²C"),
        ("{}^{2}", "²"),
        (r"90^\circ", "90°"),
        (r"90^{\circ}", "90°"),
        ("x^*", "x*"),
        (r"A^\top", "Aᵀ"),
        (r"f^{\prime}", "f′"),
        ("k^{th}", "kth"),
        ("1^{st} of", "1st of"),
        ("x_i", "x_i"),
        ("x_{ij}", "x_ij"),
        ("x_{max}y", "x_max y"),
        ("x_{i+1}", "x_(i+1)"),
        ("2^{n+1}", "2ⁿ⁺¹"),
        ("2^{k/2}", "2^(k/2)"),
        (r"p_\theta(x)", "p_θ(x)"),
        (r"\Theta_\text{post}", "Θ_post"),
        (r"\mathcal{L}_{\text{reg}}", "ℒ_reg"),
        (r"\sum_{k=1}^\infty", "∑_(k=1)^∞"),
        ("x_{a_{b}}", "x_(a_b)"),
        ("x^{}", "x"),
    ],
)
def test_scripts(source: str, expected: str) -> None:
    assert formula(source) == expected


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        (r"\frac{a}{b}", "a/b"),
        (r"\frac{a+b}{c}", "(a+b)/c"),
        (r"\tfrac12", "1/2"),
        (r"\frac{\frac{a}{b}}{c}", "(a/b)/c"),
        (r"\binom{n}{k}", "C(n, k)"),
        (r"\sqrt{2}", "√2"),
        (r"\sqrt{n+1}", "√(n+1)"),
        (r"\sqrt[3]{x}", "³√x"),
        (r"\overset{d}{=}", "=^d"),
        (r"\underset{x}{\max}", "max_x"),
        (r"\hat{x}", "x̂"),
        (r"\tilde{O}(n)", "Õ(n)"),
        (r"\widetilde{\mathcal{O}}(n)", "𝒪̃(n)"),
        (r"\overline{AB}", "AB"),
        (r"\boldsymbol{\theta}", "θ"),
    ],
)
def test_fractions_roots_and_accents(source: str, expected: str) -> None:
    assert formula(source) == expected


@pytest.mark.parametrize("source", [r"\frac{", "x^{2", "}{", r"\mathbf{x", r"\left{\right"])
def test_unbalanced_formula_stays_as_it_is(source: str) -> None:
    assert formula(source) == source


@pytest.mark.parametrize(
    ("name", "expected"), [("alpha", "α"), ("it", ""), ("deg", "°"), ("ours", None), ("frac", None)]
)
def test_symbol_of_a_command(name: str, expected: str | None) -> None:
    assert symbol(name) == expected


@given(st.text(alphabet=r"\{}^_ abx2+-[]()fracsqrthtd", max_size=60))
def test_no_formula_is_an_error(source: str) -> None:
    formula(source)


@pytest.mark.parametrize("piece", ["{", "{}", "x^{", r"\frac{a}{b}", "^"])
def test_time_for_hostile_formulas_grows_with_their_length(piece: str) -> None:
    assert growth(formula, piece, 500) < LINEAR


def test_braces_deeper_than_the_limit_stay_as_they_are() -> None:
    source = "{" * 2000 + "}" * 2000
    assert formula(source) == source
