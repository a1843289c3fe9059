"""The application part of an image: hash-pinned wheels, Freehold's own code, and byte code of both.

The root of the image will be read-only, so byte code must be there from the start. The image's own Python compiles
it, run from an unpacked copy through the image's own loader; that needs neither root rights nor a container engine.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from deploy.images.debian import BuildError
from deploy.images.recipes import PYTHON, SITE
from deploy.images.tree import RUNNABLE, Tree

ROOT = Path(__file__).resolve().parents[2]
CODE = "usr/lib/freehold"
RUNTIME = ROOT / "requirements" / "runtime.txt"
SHIPPED = ("chassis", "services", "gateway", "freehold", "packs", "contracts")
NOT_SHIPPED = ("chassis/testkit/", "freehold/devstack/")
PLATFORMS = (
    "manylinux_2_36",
    "manylinux_2_35",
    "manylinux_2_34",
    "manylinux_2_31",
    "manylinux_2_28",
    "manylinux_2_27",
    "manylinux_2_26",
    "manylinux_2_24",
    "manylinux_2_17",
    "manylinux2014",
    "manylinux_2_12",
    "manylinux2010",
    "manylinux_2_5",
    "manylinux1",
)
# what a wheel carries and no role opens
DROP = (
    "*.pyi",
    "*.pyx",
    "*.pxd",
    "*.c",
    "*/tests/*",
    "*/testing/*",
    "phonenumbers/geodata/*",
    "phonenumbers/carrierdata/*",
    "phonenumbers/tzdata/*",
    "sqlalchemy/dialects/mssql/*",
    "sqlalchemy/dialects/mysql/*",
    "sqlalchemy/dialects/oracle/*",
    "duckdb/experimental/*",
    "*/include/*",
    "greenlet/platform/*",
)


def wheels(folder: Path, list_file: Path = RUNTIME) -> list[Path]:
    """The wheels of a list of requirements for the images' Python, each checked against its hash; fetched once."""
    stamp = folder / "complete"
    if not stamp.exists() or stamp.read_bytes() != list_file.read_bytes():
        shutil.rmtree(folder, ignore_errors=True)
        _download(list_file, folder)
        stamp.write_bytes(list_file.read_bytes())
    return sorted(folder.glob("*.whl"))


def _download(list_file: Path, folder: Path) -> None:
    platforms = [part for name in PLATFORMS for part in ("--platform", f"{name}_x86_64")]
    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "pip",
            "download",
            "--quiet",
            "--disable-pip-version-check",
            "--no-input",
            "--no-deps",
            "--require-hashes",
            "--only-binary",
            ":all:",
            "--implementation",
            "cp",
            "--python-version",
            PYTHON,
            *platforms,
            "--dest",
            str(folder),
            "-r",
            str(list_file),
        ],
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        raise BuildError(f"the wheels could not be fetched: {done.stderr.strip()[-600:]}")


def add_wheels(tree: Tree, folder: Path) -> list[Path]:
    """Unpack the wheels; returns them."""
    files = wheels(folder)
    for file in files:
        tree.wheel(file, SITE, DROP)
    return files


def add_code(tree: Tree) -> None:
    """Put Freehold's own code and packs where Python finds them."""
    for path in _shipped():
        tree.copy(ROOT / path, f"{CODE}/{path}")
    for name in ("LICENSE", "NOTICE"):
        tree.copy(ROOT / name, f"usr/share/doc/freehold/{name}")
    tree.file(f"{SITE}/freehold.pth", f"/{CODE}\n")
    tree.link("usr/bin/python3", f"python{PYTHON}")


def add_console(tree: Tree, path: str) -> None:
    """Put the files of the built console below `path`."""
    built = ROOT / "console" / "dist"
    if not (built / "index.html").exists():
        raise BuildError("the console is not built: run `make console`")
    for file in sorted(built.rglob("*")):
        if file.is_file() and file.name != ".sources":
            tree.file(f"{path}/{file.relative_to(built)}", file.read_bytes())


def add_byte_code(tree: Tree, workshop: Path) -> None:
    """Compile every module of the tree with the tree's own Python."""
    root = workshop / "root"
    shutil.rmtree(root, ignore_errors=True)
    _unpack(tree, root)
    libraries = root / "usr/lib/x86_64-linux-gnu"
    command = [
        str(libraries / "ld-linux-x86-64.so.2"),
        "--library-path",
        str(libraries),
        str(root / f"usr/bin/python{PYTHON}"),
        "-S",
        "-m",
        "compileall",
        "-q",
        "-f",
        "--invalidation-mode",
        "unchecked-hash",
        "-s",
        str(root),
        "-p",
        "/",
        *(str(root / path) for path in (f"usr/lib/python{PYTHON}", SITE, CODE)),
    ]
    env = {"PYTHONHOME": str(root / "usr"), "PYTHONHASHSEED": "0", "LC_ALL": "C.UTF-8", "PATH": os.defpath}
    done = subprocess.run(command, env=env, capture_output=True, text=True, check=False)
    if done.returncode not in (0, 1):  # 1: a wheel's module for another Python was passed over
        raise BuildError(f"byte code could not be made: {done.stderr[-600:]}")
    for file in sorted(root.rglob("__pycache__/*.pyc")):
        tree.file(str(file.relative_to(root)), file.read_bytes())
    shutil.rmtree(root)


def _unpack(tree: Tree, root: Path) -> None:
    for path, entry in sorted(tree.entries.items()):
        place = root / path
        if entry.data is None:
            continue
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(entry.data)
        if entry.mode == RUNNABLE:
            place.chmod(RUNNABLE)


def _shipped() -> Iterator[str]:
    """Paths of the repository's own files that go into the image."""
    listed = subprocess.run(
        [shutil.which("git") or "git", "ls-files", "-z", *SHIPPED], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout
    for path in sorted(listed.split("\0")):
        if path and not path.startswith(NOT_SHIPPED) and (ROOT / path).is_file():
            yield path
