"""Figures and what they show, in words. No sentence here says more than the interval in it."""

import math

from .result import Interval

MORE, LESS, ALIKE, UNTOLD = "more", "less", "alike", "untold"
NARROW = 0.03  # an interval that stays so close to 1 says "alike"


def number(value):
    """Three digits, without an exponent for what tables hold."""
    if value is None:
        return "-"
    if not math.isfinite(value):
        return str(value)
    value = float(f"{value:.3g}")
    if value == 0:
        return "0"
    if abs(value) >= 1000:
        return f"{value:,.0f}"
    if abs(value) < 0.001:
        return f"{value:.2g}"
    digits = max(0, 2 - math.floor(math.log10(abs(value))))
    return f"{value:.{digits}f}"


def scaled(value, steps):
    """With the largest of the units that leave at least 1."""
    if value is None:
        return "-"
    for factor, unit in steps:
        if abs(value) >= factor * 0.9995:
            return f"{number(value / factor)} {unit}".rstrip()
    return f"{number(value / steps[-1][0])} {steps[-1][1]}".rstrip()


def time(seconds):
    return scaled(seconds, [(1, "s"), (1e-3, "ms"), (1e-6, "us"), (1e-9, "ns")])


def rate(per_second, what=""):
    steps = [(1e9, "G"), (1e6, "M"), (1e3, "k"), (1, "")]
    return f"{scaled(per_second, steps)}{what}/s" if per_second is not None else "-"


def count(value):
    return scaled(value, [(1e9, "G"), (1e6, "M"), (1e3, "k"), (1, "")])


def percent(share):
    return "-" if share is None else f"{number(100 * share)} %"


def interval(told, form=number):
    """1.97 [1.95, 1.99]"""
    if told is None:
        return "-"
    if not told.bounded:
        return form(told.value)
    return f"{form(told.value)} [{form(told.low)}, {form(told.high)}]"


def times(told):
    """1.97 × [1.95, 1.99]"""
    if told is None:
        return "-"
    bounds = f" [{number(told.low)}, {number(told.high)}]" if told.bounded else ""
    return f"{number(told.value)} ×{bounds}"


def inverse(told):
    if not told.bounded:
        return Interval(1 / told.value)
    return Interval(1 / told.value, 1 / told.high, 1 / told.low)


def verdict(told, against=1.0):
    """On which side of a value an interval lies."""
    if told is None or not told.bounded:
        return UNTOLD
    if against * (1 - NARROW) <= told.low and told.high <= against * (1 + NARROW):
        return ALIKE
    if told.low > against:
        return MORE
    if told.high < against:
        return LESS
    return UNTOLD


def holds(told, side, against=1.0):
    """Whether an interval lies on that side: None where it doesn't say."""
    found = verdict(told, against)
    return None if found == UNTOLD else found == side


def every(answers):
    """Of answers True, False and None: False if one is, else None if one is."""
    answers = list(answers)
    if False in answers:
        return False
    return None if None in answers else True


def faster(a, b, ratio):
    """A clause on how a's speed compares with b's, where the ratio is a's over b's."""
    found = verdict(ratio)
    if ratio is None:
        return f"{a} and {b} were not measured in the same rounds"
    if not ratio.bounded:
        return (f"{a} was {number(ratio.value)} × as fast as {b}, but there were too few rounds for "
                "an interval")
    if found == ALIKE:
        return f"{a} and {b} are equally fast within {percent(NARROW)} ({times(ratio)})"
    if found == UNTOLD:
        return f"there is no significant difference between {a} and {b} ({times(ratio)} as fast)"
    if found == MORE:
        return f"{a} is {times(ratio)} as fast as {b}"
    return f"{a} is slower than {b}: it takes {times(inverse(ratio))} as long"


def apart(a, b):
    """How a second figure lies to a first one, where their intervals do not meet."""
    if not (a and b and a.bounded and b.bounded):
        return "too few rounds for intervals"
    if a.high < b.low:
        return "more"
    return "less" if b.high < a.low else "no significant difference"


def sentence(*clauses):
    """Clauses with semicolons between them, as one sentence."""
    text = "; ".join(c for c in clauses if c)
    return text if not text or text[0] == "`" else text[0].upper() + text[1:]


def said(*clauses):
    text = sentence(*clauses)
    return text + "." if text else ""


def beside(answer, shape):
    """How what was published elsewhere (a clause, in the present tense) stands to this run."""
    if answer is None:
        return f"This run doesn't settle whether {shape}."
    if answer:
        return f"This run shows the same: {shape}."
    return f"This run does not show that {shape}."


def span(low, high):
    return str(low) if low == high else f"{low} to {high}"


def listed(words):
    words = list(words)
    if len(words) < 2:
        return "".join(words)
    return f"{', '.join(words[:-1])} and {words[-1]}"
