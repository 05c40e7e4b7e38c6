"""A small class of every kind of submission: nobody is lost, and each doubt is named."""

from stragglers_course import command

from . import made_class


def test_nobody_of_a_class_is_lost_and_each_doubt_is_named(tmp_path, capsys):
    size = len(made_class.KINDS)
    files = made_class.write(tmp_path, size)
    assert command.main(made_class.line(tmp_path)) == 0
    said = capsys.readouterr().out
    assert made_class.faults(tmp_path, said, size) == []
    assert f"{files} files, {size - 1} students, 1 of the files do not count" in said
    assert made_class.SALT not in (tmp_path / "out" / "results.json").read_text("utf-8")
