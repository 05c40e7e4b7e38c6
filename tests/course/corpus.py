"""More than fifty submissions as they come, bad and strange ones, all made by code.

`corpus()` yields (file name, its bytes or a function that makes them, what the grader must find): a
set of the questions that must still be right, or None for a file in which nothing can be read. All
are of the set "race".
"""

import copy
import functools
import io
import json
import os
import random
import zipfile

from .works import dump, student_notebook

SOLVED = ("q1", "q4")  # a number and a function: enough to see what survives, and quick to run
BOTH, NUMBER, FUNCTION, NONE = set(SOLVED), {"q1"}, {"q4"}, set()
NEEDED = {"imports", "start"} | {f"{q}-{part}" for q in SOLVED for part in ("numbers", "answer")}


def base(student):
    """A notebook with two answers, and without the cells of the other questions."""
    notebook = student_notebook("race", student, solved=lambda q: q in SOLVED)
    notebook["cells"] = [c for c in notebook["cells"] if c["id"] in NEEDED]
    notebook["cells"][0]["source"] = "import numpy as np\nfrom stragglers_course import start"
    return notebook


def code(source):
    return {"cell_type": "code", "id": "own", "metadata": {}, "source": source, "outputs": []}


def inserted(source, at=2):
    """A change that inserts one cell, by default before the answers."""

    def change(notebook):
        notebook["cells"].insert(at, code(source))

    return change


def cell(notebook, name):
    return next(c for c in notebook["cells"] if c["id"] == name)


def edited(name, source):
    """A change that puts another source into one cell."""

    def change(notebook):
        cell(notebook, name)["source"] = source

    return change


def without(*names):
    """A change that deletes cells."""

    def change(notebook):
        notebook["cells"] = [c for c in notebook["cells"] if c["id"] not in names]

    return change


def split_cells(notebook):
    cells = []
    for c in notebook["cells"]:
        lines = c["source"].split("\n")
        whole = c["id"] == "q4-answer"
        cells += [dict(c, source=part) for part in ([c["source"]] if whole else lines) if part]
    notebook["cells"] = cells


def merged(notebook):
    notebook["cells"] = [code("\n".join(c["source"] for c in notebook["cells"]))]


def retyped(notebook):
    cell(notebook, "q1-answer")["cell_type"] = "markdown"


def reordered(notebook):
    notebook["cells"][4:] = reversed(notebook["cells"][4:])


def bare(notebook):
    for c in notebook["cells"]:
        for key in ("metadata", "id", "outputs"):
            c.pop(key, None)
    del notebook["metadata"]


def source_lists(notebook):
    for c in notebook["cells"]:
        c["source"] = c["source"].splitlines(keepends=True)


def broken_metadata(notebook):
    notebook["metadata"] = []
    for c in notebook["cells"]:
        c["metadata"] = None


def old_format(notebook):
    cells = [
        {"cell_type": "code", "language": "python", "input": c["source"], "outputs": []}
        for c in notebook.pop("cells")
    ]
    notebook.update(worksheets=[{"cells": cells}], nbformat=3, nbformat_minor=0)


def kernel(name):
    def change(notebook):
        notebook["metadata"] = {"kernelspec": {"name": name, "display_name": name}}

    return change


def colab(notebook):
    notebook["metadata"] = {"colab": {"provenance": []}, "accelerator": "GPU"}
    for c in notebook["cells"]:
        c["metadata"] = {"id": "aB3", "colab": {"base_uri": "https://localhost:8080/"}}
    notebook["cells"].insert(0, code("!pip install -q stragglers\n%pip install -q stragglers"))


def vscode(notebook):
    for c in notebook["cells"]:
        c["metadata"] = {"vscode": {"languageId": "python"}}


def huge_output(notebook):
    text = {"output_type": "stream", "name": "stdout", "text": "x" * 100_000_000}
    notebook["cells"][0]["outputs"] = [text]


def odd_cells(notebook):
    notebook["cells"][2:2] = [
        None,
        7,
        {},
        {"cell_type": "code"},
        {"cell_type": "code", "source": 5},
    ]


def as_raw(notebook):
    notebook["cells"].insert(2, {"cell_type": "raw", "source": "while True: pass"})


RECORDED = {"format": 1, "set": "race", "student": "recorded@x", "handout": "", "answers": {}}


def recorded(**changes):
    """A change that adds what `submit` writes."""

    def change(notebook):
        notebook["metadata"]["stragglers"] = {**RECORDED, **changes}

    return change


DAEMON = f"sleep {10**7 + os.getpid()}"  # no other run of these tests starts the same
BARE = f"""import subprocess
subprocess.Popen({DAEMON.split()}, env={{}}, start_new_session=True)"""
REWRITES = "def q4(m, rate, rounds, seed):\n    raise ValueError('\\ud800')"
NO_ID = "student = ''\ncheck, parameters, *_ = start('race', student, handout='x')"
FORK = "import os\nfor _ in range(7):\n    os.fork()\nwhile True:\n    pass"
WAITS = "while True: time.sleep(0.01)"  # without end as well, and others can work meanwhile
CATCHES = f"import time\ndef f():\n    {WAITS}\n\n"
PRINTS = WAITS.replace("time", "print('x' * 10**6); time")
CATCHES += "while True:\n    try: f()\n    except BaseException: pass"
CLOSE = "import os\nos.closerange(3, 64)"
ESCAPE = (
    "import os\nif os.fork() == 0:\n    os.setsid()\n    if os.fork() == 0:\n"
    f"        os.execvp('sleep', {DAEMON.split()})\n    os._exit(0)"
)
FORGE = 'import os\nfor d in range(3, 20):\n    try:\n        os.write(d, b\'{"answer": "q1"\')'
FORGE += "\n    except OSError:\n        pass\nos.write(1, b'[[[[[[')"

ASKS = "import os, time\nfor n in range(5000):\n    os.write(3, LINE)\ntime.sleep(2)"
ASKS = ASKS.replace("LINE", """b'{"start": {"set": "race", "student": "s", "handout": ""}}\\n'""")
TELLS = "import os\nfor n in ('1e400', '-5', '999', 'true', '[]'):\n"
TELLS += """    os.write(3, f'{{"cell": {n}}}\\n{{"ran": {n}, "error": "x"}}\\n'.encode())"""
DEEP = "import os\nfor _ in range(1100):\n    os.mkdir('d')\n    os.chdir('d')"
FILES = "for n in range(3000):\n    open(f'f{n}', 'w').close()\nwhile True: pass"
DISK = "for n in range(40):\n    open(f'f{n}', 'wb').write(bytes(3 * 10**6))\nwhile True: pass"
LINK = "import os, shutil\nhere = os.getcwd()\nshutil.rmtree(here)\nos.symlink('/etc', here)"


def at_the_top(line):
    """A change that puts a line above the imports, into their cell."""

    def change(notebook):
        first = notebook["cells"][0]
        first["source"] = f"{line}\n{first['source']}"

    return change


def often(source):
    """A change that inserts six cells of the same source before the answers."""

    def change(notebook):
        notebook["cells"][2:2] = [code(source) for _ in range(6)]

    return change


def a_module_beside(notebook):
    notebook["cells"][2:2] = [code("%%writefile helper.py\nA = 1"), code("from helper import A")]
    cell(notebook, "q1-answer")["source"] += "\nq1 = q1 * A"


CHANGES = {
    "as it is": (lambda notebook: None, BOTH),
    "answer cell deleted": (without("q1-answer"), FUNCTION),
    "numbers cell deleted": (without("q1-numbers"), BOTH),
    "all but answers deleted": (without("imports", "start", "q1-numbers", "q4-numbers"), NONE),
    "cells split": (split_cells, BOTH),
    "cells merged": (merged, BOTH),
    "cell retyped as markdown": (retyped, FUNCTION),
    "cells reordered": (reordered, BOTH),
    "cells inserted": (inserted("x = 1\nx"), BOTH),
    "all metadata gone": (bare, BOTH),
    "metadata of the wrong type": (broken_metadata, BOTH),
    "sources as lists": (source_lists, BOTH),
    "output of 100 MB stored": (huge_output, BOTH),
    "output of 100 MB printed": (inserted("print('x' * 10**8)"), BOTH),
    "endless printing": (inserted(f"import time\n{PRINTS}"), BOTH),
    "endless loop": (inserted("while True: pass"), BOTH),
    "endless loop that catches": (inserted(CATCHES), BOTH),
    "endless loop in a function": (
        edited("q4-answer", f"import time\ndef q4(*a):\n    {WAITS}"),
        NUMBER,
    ),
    "sleeps": (inserted("import time; time.sleep(10**6)"), BOTH),
    "waits for input": (inserted("input('name? ')"), BOTH),
    "fork bomb": (inserted(FORK), BOTH),
    "process that leaves the session": (inserted(ESCAPE), BOTH),
    "process without session and environment": (inserted(BARE), BOTH),
    "process that outlives the notebook": (inserted(f"{BARE}\nimport os\nos._exit(0)"), BOTH),
    "shell in the background": (inserted(f"%%bash --bg\nexec env -i setsid {DAEMON}"), BOTH),
    "kills its keeper": (inserted("import os\nos.kill(os.getppid(), 9)"), BOTH),
    "stops its keeper": (inserted("import os\nos.kill(os.getppid(), 19)"), BOTH),
    "thread that stays": (
        inserted(
            "import threading, time\nthreading.Thread(target=time.sleep, args=(999,)).start()"
        ),
        BOTH,
    ),
    "memory hog": (inserted("x = bytearray(10**11)"), BOTH),
    "memory by and by": (inserted("x = []\nwhile True: x.append(bytearray(10**7))"), BOTH),
    "file without end": (
        inserted("with open('big', 'wb') as f:\n    while True: f.write(bytes(10**6))"),
        BOTH,
    ),
    "many open files": (inserted("f = [open(f'f{i}', 'w') for i in range(10**4)]"), BOTH),
    "exit()": (inserted("exit()"), BOTH),
    "quit and sys.exit": (inserted("import sys\nsys.exit(1)"), BOTH),
    "os._exit": (inserted("import os\nos._exit(1)"), BOTH),
    "kills itself": (inserted("import os, signal\nos.kill(os.getpid(), signal.SIGKILL)"), BOTH),
    "crashes Python": (inserted("import ctypes\nctypes.string_at(0)"), BOTH),
    "function that exits": (edited("q4-answer", "import os\nq4 = lambda *a: os._exit(0)"), NUMBER),
    "closed stdout": (inserted("import sys\nsys.stdout.close(); sys.stderr.close()"), BOTH),
    "closed descriptors": (inserted(CLOSE), BOTH),
    "no stdout": (inserted("import sys\nsys.stdout = None"), BOTH),
    "patched check": (inserted("check = lambda *a: print('all right')"), BOTH),
    "patched package": (
        inserted("import stragglers_course as c\nc.start = None\ndel parameters.__self__.given"),
        None,
    ),
    "patched numpy": (inserted("np.random.default_rng = np.mean = np.array = None", 5), NUMBER),
    "patched json": (inserted("import json\njson.dumps = json.loads = None"), BOTH),
    "patched builtins": (inserted("import builtins\nbuiltins.print = builtins.len = None"), None),
    "forges lines": (inserted(FORGE), BOTH),
    "looks for the key": (
        inserted("from stragglers_course.sets import race", 4),
        BOTH,
    ),
    "asks without end": (inserted(ASKS), BOTH),
    "tells of cells that are not there": (inserted(TELLS), BOTH),
    "folders without end": (inserted(DEEP), BOTH),
    "files without end": (inserted(FILES), BOTH),
    "disk hog": (inserted(DISK), BOTH),
    "folder made a link": (inserted(LINK), NUMBER | FUNCTION),
    "package that is not here": (at_the_top("import seaborn_of_another_place as sns"), BOTH),
    "command that is not here": (at_the_top("%matplotlib widget"), BOTH),
    "Colab's drive": (
        at_the_top("from google.colab import drive\ndrive.mount('/content/drive')"),
        BOTH,
    ),
    "ends in every cell": (often("import os\nos._exit(0)"), BOTH),
    "a module beside": (a_module_beside, BOTH),
    "writes lines": (inserted("import sys\nsys.stdout.writelines(['a', 'b'])"), BOTH),
    "syntax error": (inserted("def (:"), BOTH),
    "endless recursion": (inserted("def f(): return f()\nf()"), BOTH),
    "no id": (edited("start", NO_ID), BOTH),
    "wrong kernel": (kernel("julia-1.9"), BOTH),
    "old format": (old_format, BOTH),
    "Colab": (colab, BOTH),
    "VS Code": (vscode, BOTH),
    "odd cells": (odd_cells, BOTH),
    "raw cell": (as_raw, BOTH),
    "answer that raises when read": (
        edited(
            "q1-answer",
            "class A:\n    def __float__(s): 1 / 0\n    __array__ = tolist = __float__\nq1 = A()",
        ),
        FUNCTION,
    ),
    "answer of a gigabyte": (edited("q1-answer", "q1 = np.zeros(10**8)"), FUNCTION),
    "function of the wrong arguments": (edited("q4-answer", "def q4(): return 1"), NUMBER),
    "recorded answers that lie": (
        recorded(answers={"q4": {"calls": []}, "q1": {"a": [[[]]]}}),
        None,
    ),
    "recorded answers of the wrong type": (recorded(answers=[1], student=3, set=[]), BOTH),
    "recorded answers without end": (recorded(answers={"q1": [1.5] * 3_000_000}), BOTH),
    "recorded id with half a character": (recorded(student="a\ud800"), None),
    "half a character": (edited("q1-answer", "q1 = '\\ud800'"), FUNCTION),
    "half a character in an error": (inserted("raise ValueError('\\ud800')"), BOTH),
    "half a character in a call": (edited("q4-answer", REWRITES), NUMBER),
    "half a character in the code": (inserted("x = '\ud800'"), BOTH),
    "half a character in the id": (
        edited("start", "student = 'a\\ud800'\ncheck, parameters, *_ = start('race', student)"),
        BOTH,
    ),
    "Decimal": (
        edited(
            "q1-answer",
            "from decimal import Decimal\np = parameters('q1')\n"
            "q1 = Decimal(1 - (1 - p.slow)**p.n)",
        ),
        BOTH,
    ),
    "another set": (recorded(set="protocols"), NONE),
}

BEHIND_THE_WALL = {  # what reaches for the machine; the others are about the notebook or the file
    "as it is",
    "endless loop that catches",
    "fork bomb",
    "process that leaves the session",
    "process without session and environment",
    "process that outlives the notebook",
    "shell in the background",
    "kills its keeper",
    "stops its keeper",
    "thread that stays",
    "memory hog",
    "memory by and by",
    "file without end",
    "many open files",
    "os._exit",
    "kills itself",
    "crashes Python",
    "closed descriptors",
    "patched package",
    "forges lines",
    "looks for the key",
    "folders without end",
    "files without end",
    "disk hog",
    "folder made a link",
    "package that is not here",
    "Colab's drive",
}

LETTERS = random.Random(1).randbytes(2000)


def archive(members):
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as file:
        for name, content in members.items():
            file.writestr(name, content)
    return stream.getvalue()


def bomb():
    """An archive of two megabytes with a notebook of half a gigabyte."""
    stream = io.BytesIO()
    packed = zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED, compresslevel=1)
    with packed as file, file.open("b.ipynb", "w") as b:
        for _ in range(500):
            b.write(bytes(10**6))
    return stream.getvalue()


def files():
    """Submissions whose file, not whose content, is strange."""
    good = dump(base("file@x"))
    yield "not json.ipynb", b"PK not a notebook", None
    yield "empty.ipynb", b"", None
    yield "spaces only.ipynb", b" \n\n", None
    yield "binary.ipynb", LETTERS, None
    yield "cut off.ipynb", good[: len(good) // 2], None
    yield "a list.ipynb", b"[1, 2]", None
    yield "no cells.ipynb", b'{"nbformat": 4}', None
    yield "worksheets.ipynb", b'{"nbformat": 3, "worksheets": [{"cells": 5}, 6]}', None
    yield "parts.ipynb", b'{"cells": [' + b'{"a": [{}, {}, {}]},' * 500_000 + b"{}]}", None
    yield "nested.ipynb", b"[" * 100_000, None
    yield "report.pdf", b"%PDF-1.7", None
    yield "damaged.zip", b"PK\x03\x04 damaged", None
    yield "without notebook.zip", archive({"notes.txt": "none"}), None
    yield "bom.ipynb", b"\xef\xbb\xbf" + dump(base("bom@x")), BOTH
    yield "utf16.ipynb", dump(base("utf16@x")).decode().encode("utf-16"), BOTH
    yield "renamed.ipynb.txt", dump(base("renamed@x")), BOTH
    yield "Zoë Müller_12345_assignsubmission_file_/mit Leerzeichen é.ipynb", dump(base("")), None
    climbing = {"../../../evil.ipynb": dump(base("climbs@x")), "/etc/x.txt": "no"}
    yield "climbs.zip", archive(climbing), BOTH
    yield "bomb.zip", bomb, None
    yield "zip within.zip", archive({"in.zip": archive({"a.ipynb": dump(base("in@x"))})}), BOTH
    broken_name = archive({"\xe9a.ipynb": good}).replace("\xe9".encode(), b"\xff\xff")
    yield "name that no one reads.zip", broken_name, None
    yield "half \udcff.ipynb", dump(base("half@x")), BOTH
    yield "twice/first.ipynb", dump(base("twice@x")), BOTH
    yield "twice/second.ipynb", dump(base("Twice@x ")), BOTH


def corpus():
    """Yield (file name, bytes or what makes them, the questions that must be right, or None)."""
    for number, (name, (change, right)) in enumerate(CHANGES.items()):
        yield f"{name}.ipynb", functools.partial(changed, f"s{number}@x", change), right
    yield from files()


def changed(student, change):
    """Return the bytes of a notebook after a change."""
    notebook = copy.deepcopy(base(student))
    change(notebook)
    return json.dumps(notebook).encode()
