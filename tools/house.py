"""Print the house: the floors of the package, the size of each shelf, who imports whom.

python -m tools.house [folder of the sources]     `make house` does it; tests/test_house.py holds it
"""

import ast
import re
import sys
from collections import Counter
from functools import cache
from pathlib import Path

from scipy import stats

SRC = Path(__file__).parent.parent / "src"
FLOORS = (  # the lowest first: a shelf imports from lower floors only, and from itself
    ("checks", "numerics", "explorer"),
    ("laws",),
    ("order_statistics", "simulation"),
    ("protocols",),
    ("training", "jobs", "theorems"),
    ("lab", "figures"),
    ("__init__",),
)
COURSE_FLOORS = (  # the same for the package of the coursework
    ("notebooks",),
    ("questions",),
    ("sets", "sandbox"),
    ("student",),
    ("masters", "reports"),
    ("grading",),
    ("command", "__init__"),
    ("__main__",),
)
NUMERIC = {"checks", "numerics", "laws", "order_statistics", "simulation", "protocols", "training"}
PACKAGES = {"numpy", "scipy"}  # what numeric shelves import beside the standard library
BARS = "stragglers.simulation.progress"  # the one numeric module that may load tqdm, when asked
ALONE = {"theorems": {"laws.named"}, "explorer": set()}  # all that these import of ours
TITLED = re.compile(r'"([A-Z][^"]+)"')
NAMES_CHAPTERS = re.compile(r'chapters? ("[^"]+"(?:(?:, and|, or|,| and| or| to) "[^"]+")*)')


@cache
def privates_of_scipy():
    """Return the names of the methods that scipy.stats keeps to itself."""
    names = {*dir(stats.expon), *dir(stats.poisson)}
    return {name for name in names if re.match(r"_[a-z]", name)}


def sources(src):
    """Return the text of every module below `src` by its dotted name."""
    texts = {}
    for file in sorted(src.rglob("*.py")):
        name = ".".join(file.relative_to(src).with_suffix("").parts)
        texts[name.removesuffix(".__init__")] = file.read_text("utf-8")
    return {name: text for name, text in texts.items() if name != "__init__"}


def shelf_of(module):
    """Return the shelf of a module: the part of its name after the package's."""
    return module.split(".")[1] if "." in module else "__init__"


def imported(module, text, modules):
    """Yield (what is imported, line) of a module: ours as whole module names, others by theirs."""
    is_package = any(other.startswith(f"{module}.") for other in modules)
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield alias.name, node.lineno
        elif isinstance(node, ast.ImportFrom):
            above = module.split(".")[: None if is_package and node.level else -1]
            above = above[: len(above) - max(node.level - 1, 0)]
            base = ".".join([*above, *filter(None, [node.module])]) if node.level else node.module
            for alias in node.names:
                whole = f"{base}.{alias.name}"
                yield (whole if whole in modules else base), node.lineno


def arrows(texts):
    """Return {module: set of our modules that it imports}."""
    return {
        module: {name for name, _ in imported(module, text, texts) if name in texts} - {module}
        for module, text in texts.items()
    }


def heights(graph):
    """Return the floor of each module, 1 where it imports none of ours: the longest way down."""

    @cache
    def height(module):
        return 1 + max((height(below) for below in graph[module]), default=0)

    return {module: height(module) for module in graph}


def between_shelves(graph):
    """Return {shelf: set of the shelves that it imports from}, from the arrows of modules."""
    shelves = {shelf_of(module): set() for module in graph}
    for module, below in graph.items():
        shelves[shelf_of(module)] |= {shelf_of(other) for other in below} - {shelf_of(module)}
    return shelves


def violations(texts, chapters, only=None):
    """Return a sentence for everything that breaks a rule of the house, in the order of modules.

    texts: {module: its source}, of both packages. chapters: the titles of the book's pages.
    only: the one module to look at, if not at all.
    """
    found = []
    for module in texts if only is None else [only]:
        text = texts[module]
        package, shelf = module.split(".")[0], shelf_of(module)
        floors = {"stragglers": FLOORS, "stragglers_course": COURSE_FLOORS}.get(package, ())
        floor = {name: height for height, names in enumerate(floors) for name in names}
        if shelf not in floor:
            found.append(f"{module} has no floor: give {shelf!r} one in tools/house.py")
            continue
        for name, line in imported(module, text, texts):
            where, top = f"{module}:{line}", name.split(".")[0]
            if top in ("stragglers", "stragglers_course"):
                found += _own(where, package, shelf, name, floor)
            elif shelf in NUMERIC and package == "stragglers":
                allowed = top in PACKAGES or top in sys.stdlib_module_names
                if not allowed and not (module == BARS and top == "tqdm"):
                    found.append(f"{where} imports {top}: {shelf} takes numpy and scipy only")
        tree = ast.parse(text)
        if (package, shelf) != ("stragglers", "laws"):
            found += [
                f"{module}:{node.lineno} asks scipy for its private {node.attr}: only laws/ may"
                for node in ast.walk(tree)
                if isinstance(node, ast.Attribute)
                and node.attr in privates_of_scipy()
                and not _is_own(node.value)
            ]
        found += _chapters(module, tree, chapters)
    return found


def _own(where, package, shelf, name, floor):
    """Return what is wrong with the import of one of our modules."""
    if name.split(".")[0] != package:
        return [f"{where} imports {name}: the two packages know nothing of each other"]
    other = shelf_of(name)
    if other == shelf:
        return []
    if package == "stragglers" and shelf in ALONE:
        rest = name.removeprefix("stragglers.")
        return [] if rest in ALONE[shelf] else [f"{where} imports {name}: {shelf} stands alone"]
    if floor.get(other, -1) < floor[shelf]:
        return []
    return [f"{where} imports {name}: {other!r} does not stand below {shelf!r}"]


def _is_own(value):
    """Tell whether an attribute is asked of self or super(), in a class of ours."""
    is_super = isinstance(value, ast.Call) and getattr(value.func, "id", "") == "super"
    return is_super or getattr(value, "id", "") in ("self", "cls")


def _chapters(module, tree, chapters):
    """Return a sentence for each chapter that a docstring names and the book does not have."""
    kinds = (ast.Module, ast.ClassDef, ast.FunctionDef)
    texts = [ast.get_docstring(node) or "" for node in ast.walk(tree) if isinstance(node, kinds)]
    named = [title for text in texts for title in chapters_named(text)]
    return [
        f'{module} names the chapter "{title}", which the book does not have'
        for title in named
        if title not in chapters
    ]


def chapters_named(text):
    """Return the titles in a docstring of the form: the chapters "A" and "B".

    >>> chapters_named('Derived in the chapters "The race" and "The family".')
    ['The race', 'The family']
    """
    lists = NAMES_CHAPTERS.findall(" ".join(text.split()))
    return [title for names in lists for title in TITLED.findall(names)]


def chapters_of(root):
    """Return the titles of the book's pages, each the first heading of its file, in their order."""
    files = re.findall(r"(?:file|root): (\S+)", (root / "_toc.yml").read_text("utf-8"))
    titles = {}
    for file in files:
        page = next(p for p in (root / f"{file}.ipynb", root / f"{file}.md") if p.exists())
        heading = re.search(r"^(?:\s*\")?# (.+?)(?:\\n\",?)?$", page.read_text("utf-8"), re.M)
        titles[file] = heading[1].removesuffix('"')
    return titles


def table(texts):
    """Return the rows (shelf, modules, lines, floors within it) of one package, lowest first."""
    floor = heights(arrows(texts))
    shelves = {}
    for module, text in texts.items():
        shelves.setdefault(shelf_of(module), []).append((module, text.count("\n")))
    rows = []
    for shelf, found in shelves.items():
        reached = [floor[module] for module, _ in found]
        rows.append((shelf, len(found), sum(n for _, n in found), min(reached), max(reached)))
    return sorted(rows, key=lambda row: row[3:])


def main(src):
    texts = sources(src)
    for package in sorted({module.split(".")[0] for module in texts}):
        own = {module: text for module, text in texts.items() if module.split(".")[0] == package}
        graph = arrows(own)
        number = sum(map(len, graph.values()))
        floors = max(heights(between_shelves(graph)).values())
        print(f"{package}: {len(own)} modules, {number} arrows, {floors} floors of shelves")
        print(f"  {'shelf':18}{'modules':>8}{'lines':>7}   imports from")
        for shelf, modules, lines, *_ in table(own):
            members = [module for module in own if shelf_of(module) == shelf]
            to = Counter(shelf_of(other) for module in members for other in graph[module])
            text = ", ".join(f"{name} {n}" for name, n in to.most_common() if name != shelf)
            print(f"  {shelf:18}{modules:8}{lines:7}   {text or '-'}")
    found = violations(texts, set(chapters_of(src.parent).values()))
    print("\n".join(found) if found else "No import climbs, and every rule of the house holds.")


if __name__ == "__main__":
    main(Path(sys.argv[1]) if sys.argv[1:] else SRC)
