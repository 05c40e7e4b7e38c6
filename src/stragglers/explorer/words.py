"""Numbers as the sentences of figures and pages write them."""


def percent(share, digits=0):
    """Return a share as text in percent, "63.4 %".

    What is neither 0 nor 1 is not rounded to it: 0.99996 is "over 99.9 %" with one digit.
    """
    text = f"{100 * share:.{digits}f}"
    step = 10.0**-digits
    if share > 0 and float(text) == 0:
        return f"under {step:.{digits}f} %"
    if share < 1 and float(text) == 100:
        return f"over {100 - step:.{digits}f} %"
    return f"{text} %"


def signed(number, digits=1):
    """Return a number with its sign, "+0.4" or "−0.4"; what rounds to zero is "0.0", without."""
    text = f"{number:+.{digits}f}"
    return text.replace("-", "−") if float(text) else text[1:]


def counted(number, noun):
    """Return "1 worker", "20 workers", "100 000 workers"."""
    return f"{grouped(number)} {noun}{'s' * bool(number != 1)}"


def grouped(number):
    """Return a whole number as text, from five digits on in groups of three, by narrow spaces."""
    return f"{number:,}".replace(",", "\u202f") if number >= 10_000 else str(number)
