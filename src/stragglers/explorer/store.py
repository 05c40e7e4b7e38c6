"""All the pictures of an explorer: drawn by as many processes as there are cores, and kept.

The store is a folder of the user's cache (`STRAGGLERS_CACHE` names another one). A file there holds
the pictures of one draw function, and is named by everything that they depend on: the function with
all that it refers to, this package's source and tables, and what draws.
"""

import gc
import hashlib
import json
import math
import multiprocessing
import os
import pickle
import sys
import sysconfig
import time
import types
import warnings
import zlib
from concurrent.futures import ProcessPoolExecutor
from dataclasses import astuple
from functools import cache, partial
from pathlib import Path

import matplotlib
import numpy
import scipy

from .pictures import Picture, take_picture

WORTH_PROCESSES = 16  # pictures; below that, starting processes costs more than it saves
DAYS_KEPT = 30
DRAWN_WITH = {".py", ".json", ".csv"}  # code, and the tables that it reads
NO_FIGURE = {"coursework", "theorems"}  # their code draws nothing
INSTALLED = {sysconfig.get_path(name) for name in ("stdlib", "platstdlib", "purelib", "platlib")}


class Store:
    """The pictures of one draw function, by values; `missing` ones are drawn when asked for."""

    def __init__(self, draw, panels, height):
        self.panels, self.height = panels, height
        self.take = partial(take_picture, draw, panels=panels, height=height)
        self.pictures = {}
        self.file = None
        if (name := fingerprint(draw, panels, height)) is not None:
            self.file = folder() / name
            self.pictures = read(self.file)

    def picture(self, values):
        """Return the Picture for a dictionary of values; it is drawn once."""
        key = json.dumps(values)
        if key not in self.pictures:
            self.pictures[key] = self.take(values)
        return self.pictures[key]

    def has(self, combinations):
        return all(json.dumps(values) in self.pictures for values in combinations)

    def all(self, combinations):
        """Return the Picture of each combination, and keep them for the next run."""
        missing = [values for values in combinations if not self.has([values])]
        for values, picture in zip(missing, take_all(self.take, missing), strict=True):
            self.pictures[json.dumps(values)] = picture
        if missing and self.file:
            write(self.file, self.pictures)
        return [self.picture(values) for values in combinations]


def take_all(take, combinations):
    """Return the pictures in order, drawn by several processes where it pays and can be done."""
    global _take
    cores = os.cpu_count() or 1
    can_fork = sys.platform == "linux"  # a draw function of a notebook cannot be pickled: fork
    if cores == 1 or not can_fork or len(combinations) < WORTH_PROCESSES:
        return [take(values) for values in combinations]
    _take = take
    with warnings.catch_warnings():  # the children only draw and answer, they need no other thread
        warnings.simplefilter("ignore", DeprecationWarning)
        fork = multiprocessing.get_context("fork")
        with ProcessPoolExecutor(cores, fork, initializer=_collect_seldom) as pool:
            each = math.ceil(len(combinations) / cores)  # neighbours share what they compute
            return list(pool.map(_take_one, combinations, chunksize=each))


def _collect_seldom():
    """A picture is thousands of small objects: to look for garbage at each few costs a tenth."""
    gc.freeze()
    gc.set_threshold(200_000, 20, 100)


def _take_one(values):
    picture = _take(values)
    gc.collect(0)  # only what this picture was made of: the next one is made in the same memory
    return picture


def folder():
    """Return the folder of the store; files that no run has asked for in a month are removed."""
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    path = Path(os.environ.get("STRAGGLERS_CACHE") or Path(base) / "stragglers")
    if path.is_dir():
        for file in path.iterdir():
            if file.stat().st_mtime < time.time() - DAYS_KEPT * 86400:
                file.unlink(missing_ok=True)
    return path


def read(file):
    """Return the pictures in a file, or none where it is not there or spoilt."""
    try:
        data = json.loads(zlib.decompress(file.read_bytes()))
        file.touch()
        return {key: Picture(tuple(p), tuple(t), s) for key, (p, t, s) in data.items()}
    except (OSError, ValueError, zlib.error):
        return {}


def write(file, pictures):
    """Write the file in one step; a folder that cannot be written to only costs time."""
    data = json.dumps({key: astuple(picture) for key, picture in pictures.items()})
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        part = file.with_suffix(f".{os.getpid()}")
        part.write_bytes(zlib.compress(data.encode(), 1))
        part.replace(file)
    except OSError:
        pass


def fingerprint(draw, panels, height):
    """Return a name for all that the pictures depend on, or None where that cannot be told."""
    try:
        parts = [panels, height, package_fingerprint(), *dependencies(draw, set())]
        return hashlib.sha256(pickle.dumps(parts)).hexdigest()[:32]
    except (TypeError, AttributeError, pickle.PicklingError):
        return None


@cache
def package_fingerprint():
    """Return a digest of what may draw in this package and of the versions that it draws with."""
    versions = f"{matplotlib.__version__} {numpy.__version__} {scipy.__version__} {sys.version}"
    digest = hashlib.sha256(versions.encode())
    for file in source_files(Path(__file__).parent.parent):
        digest.update(file.read_bytes())
    return digest.hexdigest()


def source_files(package):
    """Return the files of the package that a figure may draw with: no coursework, no theorems."""
    found = sorted(file for file in package.rglob("*") if file.suffix in DRAWN_WITH)
    return [file for file in found if NO_FIGURE.isdisjoint(file.relative_to(package).parts)]


def dependencies(thing, seen):
    """Yield what tells two functions apart: code, constants, defaults, and what they refer to."""
    if isinstance(thing, types.ModuleType):
        yield thing.__name__, getattr(thing, "__version__", "")
    elif isinstance(thing, types.MethodType):
        yield from dependencies(thing.__func__, seen)
        yield from dependencies(thing.__self__, seen)
    elif isinstance(thing, partial):
        yield from dependencies(thing.func, seen)
        yield pickle.dumps((thing.args, thing.keywords))
    elif isinstance(thing, types.FunctionType):
        if thing in seen:
            return
        seen.add(thing)
        yield thing.__defaults__, thing.__kwdefaults__
        for cell in thing.__closure__ or ():
            yield from dependencies(cell.cell_contents, seen)
        if is_ours(thing.__module__):  # the digest tells what it refers to
            yield thing.__module__, thing.__qualname__, thing.__code__.co_firstlineno
        else:
            yield from code_dependencies(thing.__code__, thing.__globals__, seen)
    elif isinstance(thing, type):
        yield from class_dependencies(thing, seen)
    else:
        yield pickle.dumps(thing)
        yield from class_dependencies(type(thing), seen)


def class_dependencies(kind, seen):
    """Yield the name of a class, and what it does where it is a reader's own and may be changed."""
    yield kind.__module__, kind.__qualname__
    if kind in seen or not is_own(kind.__module__):
        return
    seen.add(kind)
    for base in kind.__bases__:
        yield from dependencies(base, seen)
    for part in vars(kind).values():
        part = getattr(part, "fget", None) or getattr(part, "__func__", part)
        if isinstance(part, types.FunctionType):
            yield from dependencies(part, seen)


def is_own(module):
    """Return whether a module is a notebook, or a file outside the places that Python installs to.

    This package is told by its own digest.
    """
    if module == "__main__":
        return True
    file = getattr(sys.modules.get(module), "__file__", None)
    installed = file and any(Path(file).is_relative_to(place) for place in INSTALLED)
    return bool(file) and not installed and not is_ours(module)


def is_ours(module):
    """Return whether a module is one of this package's."""
    return (module or "").partition(".")[0] == __package__.partition(".")[0]


def code_dependencies(code, names, seen):
    """Yield the parts of a code object and of the global names it uses, nested functions too."""
    yield code.co_code
    for constant in code.co_consts:
        if isinstance(constant, types.CodeType):
            yield from code_dependencies(constant, names, seen)
        else:
            yield constant
    for name in code.co_names:
        yield name
        if name in names:
            yield from dependencies(names[name], seen)
