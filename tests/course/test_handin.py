"""The file to hand in: what of a session's cells goes into it."""

import multiprocessing

import pytest
from IPython.core.interactiveshell import InteractiveShell

from stragglers_course.notebooks.failed_cells import before_error
from stragglers_course.student.handin import Recorder

START = """from stragglers_course import start
check, parameters, progress, submit = start("race", "ada", "key")"""


def run(cells, pipe):
    """Run cells in a session, and send what is kept of them through the pipe."""
    shell = InteractiveShell.instance()
    for cell in cells:
        name, source = cell if isinstance(cell, list) else (None, cell)
        shell.run_cell(source, store_history=True, cell_id=name)
    pipe.send(list(shell.stragglers_cells.values()))


def kept(*cells):
    """What is kept of cells that are run in an IPython session of their own, after `start`."""
    fork = multiprocessing.get_context("fork")
    here, there = fork.Pipe(duplex=False)
    session = fork.Process(target=run, args=([START, *cells], there))
    session.start()
    there.close()
    try:
        return here.recv()[1:]
    finally:
        session.join()


def test_of_a_cell_that_fails_the_part_before_the_failing_statement_is_kept():
    function = "%pwd\n\ndef q4(m):\n    return 1 / m\n"
    failing = [
        f"{function}\nq4(\n    0\n)\nz = 1",
        "x = 1\nfor i in range(3):\n    y = i\n    i / 0\nz = 1",
        "a = 1\n\n@print(1 / 0)\ndef f(): pass",
        "b = 1\nawait nothing",
        "c = 1\nraise KeyboardInterrupt",
        "%%time\nd = 1\n1 / 0",
    ]
    assert [cell.strip() for cell in kept(*failing)] == [
        function.strip(),
        "x = 1",
        "a = 1",
        "b = 1",
        "c = 1",
        "%%time\nd = 1\n1 / 0",
    ]


@pytest.mark.parametrize("cell", ["1 / 0", "def (", "  x = [", "progress()", " "])
def test_of_a_cell_that_did_nothing_nothing_is_kept(cell):
    assert kept(cell) == []


@pytest.mark.parametrize("name", ["<module>", "<cell line: 3>"])
def test_a_cell_is_known_by_the_names_that_all_versions_of_ipython_give_it(name):
    source = "a = 1\n\n1 / 0\nb = 1"
    code = compile(source, "a cell", "exec").replace(co_name=name)
    with pytest.raises(ZeroDivisionError) as raised:
        exec(code, {})
    error = raised.value.with_traceback(raised.value.__traceback__.tb_next)
    assert before_error(source, source, error) == "a = 1\n"


def test_running_start_again_keeps_what_ran_before():
    assert kept("x = 1", START, "y = 2") == ["x = 1", "y = 2"]


def test_the_last_source_of_each_cell_is_kept_and_not_the_history():
    everything = [[f"c{n}", f"x{n} = {n}"] for n in range(25)]
    cells = 21 * everything
    cells[-20] = ["c5", "x5 = 'right'"]  # changed before the last "Run all"
    found = kept(*cells)
    assert found == [f"x{n} = {n}" if n != 5 else "x5 = 'right'" for n in range(25)]


def test_a_cell_without_an_id_that_changes_is_kept_however_long_the_session():
    tries = [f"q6 = {n}" for n in range(700)]
    found = kept("import math", *tries, "y = q6")
    assert found[0] == "import math"
    assert found[-2:] == ["q6 = 699", "y = q6"]
    recorder = Recorder()
    recorder.kept = {source: source for source in ["import math", *tries, "y = q6"]}
    assert recorder.cells == ["import math", "q6 = 699", "y = q6"]
    recorder.kept = {"big": "x = 1  # " + "a" * 600_000, "small": "y = 2"}
    assert recorder.cells == ["y = 2"]


def test_a_cell_stands_where_it_first_ran_to_its_end():
    cells = [["b", "y = x"], ["a", "x = 1"], ["b", "y = x"], ["a", "x = 2"], ["b", "1 / 0"]]
    assert kept(*cells) == ["x = 2", "y = x"]
    assert kept(["b", "def f(): pass\n1 / 0"], ["a", "x = 1"]) == ["def f(): pass", "x = 1"]
