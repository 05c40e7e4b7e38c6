"""The wall around a submission: what of this machine the student's code can see.

With bubblewrap (Linux; the package `bubblewrap` of Debian, Ubuntu and Fedora) it sees Python, the
installed packages and a folder of its own: no other file, no other process, no network. Elsewhere
there are only limits of time, memory and files.

In both cases the code finds a few modules of this package in a `box`, and links to the installed
packages, but no problem set: the keys are not on its path.
"""

import functools
import os
import shutil
import site
import subprocess
import sys
import tempfile
from importlib.util import find_spec
from pathlib import Path

COURSE = Path(__file__).parents[1]
CHILD = (  # all that the student's process needs of this package; no key is in it
    "sandbox/child.py",
    "sandbox/keeper.py",
    "notebooks/failed_cells.py",
    "questions/personal_numbers.py",
    "questions/plain_data.py",
    "questions/verdicts.py",
)
SYSTEM = ("/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32", "/usr/bin", "/usr/sbin")
SYSTEM += ("/usr/lib", "/usr/lib32", "/usr/lib64", "/usr/libx32", "/usr/share", "/nix/store")
SYSTEM += ("/gnu/store", "/etc/ld.so.cache", "/etc/alternatives", "/etc/fonts", "/etc/localtime")
OF_PYTHON = ("bin", "lib", "lib64", "share", "include")  # below its prefix
NOBODY = 65534

BUBBLEWRAP = "bubblewrap"
USER = "another user"
LIMITS = "limits only"
SAID = {
    BUBBLEWRAP: "Wall: bubblewrap. Submissions see no file of yours, no process and no network.",
    USER: "Wall: another user, and limits. Submissions run as nobody and may use the network.",
    LIMITS: "Wall: limits only. Submissions run as you: they can read what you can read, the salt"
    " too, and use the network. On Linux the package bubblewrap is a better wall:"
    " apt install bubblewrap",
}


def program():
    """Return the real path of this Python: its packages come to the child through the box."""
    return os.path.realpath(sys.executable)


def places():
    """Return the folders in which packages are installed, in the order of the path."""
    known = [*site.getsitepackages(), site.getusersitepackages()]
    known += [path for path in sys.path if Path(path).name in ("site-packages", "dist-packages")]
    found = [os.path.realpath(path) for path in known if os.path.isdir(path)]
    return list(dict.fromkeys(found))


def library():
    """Return the folder of the package that submissions compute with."""
    return os.path.realpath(Path(find_spec("stragglers").origin).parent)


def make_box(folder):
    """Fill `folder` with what the child imports, and return it as the child's path."""
    own = Path(folder, COURSE.name)
    for name in CHILD:
        (own / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(COURSE / name, own / name)
        (own / name).with_name("__init__.py").touch()
    (own / "__init__.py").touch()
    for place in places():
        for entry in os.scandir(place):
            if entry.name != COURSE.name and not entry.name.startswith(("__editable__", ".")):
                _link(entry.path, Path(folder, entry.name))
    Path(folder, "stragglers").unlink(missing_ok=True)
    _link(library(), Path(folder, "stragglers"))
    return folder


def _link(target, path):
    if not os.path.lexists(path):
        path.symlink_to(target)


@functools.cache
def kind():
    """Return which wall stands on this machine: BUBBLEWRAP, USER or LIMITS."""
    with tempfile.TemporaryDirectory() as box:
        make_box(box)
        os.chmod(box, 0o755)
        look = "import IPython, stragglers, stragglers_course.sandbox.child"
        line = [program(), "-P", "-S", "-c", look]
        environment = {"PYTHONPATH": box, "PYTHONDONTWRITEBYTECODE": "1", "IPYTHONDIR": "/none"}
        if _runs([*bubblewrap(box, "/tmp"), *line], environment):
            return BUBBLEWRAP
        who = {"user": NOBODY, "group": NOBODY, "extra_groups": []}
        return USER if os.geteuid() == 0 and _runs(line, environment, **who) else LIMITS


def _runs(line, environment, **who):
    quiet = {"capture_output": True, "check": False, "cwd": "/"}
    try:
        return subprocess.run(line, env=environment, **quiet, **who).returncode == 0
    except OSError:
        return False


def bubblewrap(box, folder):
    """Return the words before a command that put it behind the wall, with `folder` its own."""
    words = [
        shutil.which("bwrap") or "bwrap is not here",
        "--unshare-all",
        "--die-with-parent",
        "--proc",
        "/proc",
        "--dev",
        "/dev",
    ]
    if os.geteuid() == 0:
        words += ["--unshare-user", "--uid", str(NOBODY), "--gid", str(NOBODY)]
    words += ["--tmpfs", "/tmp"]
    for path in dict.fromkeys([*SYSTEM, *_of_python(), *places(), library()]):
        if os.path.islink(path):
            words += ["--symlink", os.readlink(path), path]
        elif os.path.exists(path):
            words += ["--ro-bind", path, path]
    for course in _copies():
        words += ["--tmpfs", course]
    if folder != "/tmp":
        words += ["--bind", folder, folder]
    return [*words, "--ro-bind", box, box, "--chdir", folder, "--"]


def _prefixes():
    """Return the folders below which this Python stands; it may be a copy, in an environment."""
    return {os.path.realpath(sys.base_prefix), str(Path(program()).parents[1])}


def _of_python():
    """Yield what belongs to this Python."""
    for prefix in sorted(_prefixes()):
        yield from (os.path.join(prefix, name) for name in (*OF_PYTHON, "pyvenv.cfg"))


def _copies():
    """Return the places at which this package is installed below what the child can see."""
    found = {os.path.join(place, COURSE.name) for place in places()}
    for prefix in (*_prefixes(), "/usr"):
        found.update(map(str, Path(prefix).glob(f"lib*/python*/*-packages/{COURSE.name}")))
    return sorted({os.path.realpath(path) for path in found if os.path.isdir(path)})


def command(box, folder):
    """Return the command of the child, in its wall; what `USER` needs, the child does itself."""
    stands = kind()
    words = bubblewrap(box, folder) if stands == BUBBLEWRAP else []
    how = {BUBBLEWRAP: "walled", USER: str(NOBODY), LIMITS: "kept"}[stands]
    return [*words, program(), "-P", "-S", "-m", f"{COURSE.name}.sandbox.child", how]
