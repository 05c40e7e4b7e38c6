"""Draw the moving picture of the README: two protocols of the book with the same dice.

python -m tools.readme_picture
"""

from pathlib import Path

from stragglers.explorer.style import COLOURS, INK
from stragglers.figures import family

PLACE = Path(__file__).parents[1] / "book" / "_static" / "race.svg"
LEFT, WIDTH, ROW, SECONDS, LAW = 90, 720, 20, 12, "exponential"
HEAD = """\
<svg xmlns="http://www.w3.org/2000/svg" width="840" height="{height}" viewBox="0 0 840 {height}"
 font-family="sans-serif" font-size="14" fill="{ink}" role="img">
<title>{title}</title>
<style>
.curtain {{ animation: uncover {seconds}s linear 3 }}
@keyframes uncover {{ from {{ transform: translateX(0) }} }}
@media (prefers-reduced-motion: reduce) {{ .curtain {{ animation: none }} }}
</style>
<rect width="840" height="{height}" fill="#fff"/>
"""


def moving():
    """Return the picture that moves, as SVG: two protocols with the same dice, as time goes on.

    It plays three times and then stands still; where motion is not wanted it stands at once.
    """
    parts, top, told = [], 34, []
    for name, says in (("sync", "waits for the slowest"), ("async", "waits for nobody")):
        updates = [t for t in family.played(name, LAW).update_times if t <= family.LAST]
        gradients = family.gradients_by(name, LAW, family.LAST)
        told.append(f"{name} {says}: {gradients} gradients in {len(updates)} updates")
        parts += lane(name, told[-1], updates, top)
        top += ROW * family.PLAYERS + 50
    height, last = (
        top - 10,
        f'<text x="{LEFT + WIDTH}" y="{top - 22}" text-anchor="end">time</text>',
    )
    title = f"{family.PLAYERS} workers, the same dice: {'; '.join(told)}."
    head = HEAD.format(height=height, ink=INK, title=title, seconds=SECONDS, width=WIDTH)
    return head + "\n".join([*parts, last, "</svg>"]) + "\n"


def lane(name, told, updates, top):
    """Return the parts of one protocol: a bar a gradient, grey waiting, a line an update."""
    scale, high = WIDTH / family.LAST, ROW * family.PLAYERS
    yield f'<text x="{LEFT}" y="{top - 10}" font-weight="bold">{told}</text>'
    for worker in range(family.PLAYERS):
        yield f'<text x="8" y="{top + ROW * worker + 14}">worker {worker + 1}</text>'
    yield f'<svg x="{LEFT}" y="{top}" width="{WIDTH}" height="{high}">'
    for worker, begin, end, kind in family.bars(name, LAW):
        if begin < family.LAST:
            colour = COLOURS[family.KINDS[kind]]
            yield (
                f'<rect x="{begin * scale:.1f}" y="{ROW * worker + 3}" fill="{colour}" '
                f'width="{max((end - begin) * scale - 1, 0.5):.1f}" height="{ROW - 6}"/>'
            )
    for time in updates:
        yield f'<path d="M{time * scale:.1f} 0v{high}" stroke="{COLOURS["kth"]}" stroke-width="2"/>'
    yield f'<g class="curtain" transform="translate({WIDTH})">'
    yield f'<rect width="{WIDTH}" height="{high}" fill="#fff"/>'
    yield f'<path d="M0 0v{high}" stroke="{INK}"/></g></svg>'


if __name__ == "__main__":
    PLACE.write_text(moving(), "utf-8")
