"""Packages and wheels become one tree, as an installed system would have it."""

from __future__ import annotations

import io
import subprocess
import tarfile
import zipfile
from pathlib import Path

import pytest

from deploy.images.tree import Tree, merged, merged_links


def make_deb(folder: Path, members: list[tarfile.TarInfo], data: bytes = b"x") -> Path:
    """A Debian package with these members; files hold `data`."""
    payload = io.BytesIO()
    with tarfile.open(fileobj=payload, mode="w:gz") as archive:
        for member in members:
            member.size = len(data) if member.isfile() else 0
            archive.addfile(member, io.BytesIO(data) if member.isfile() else None)
    control = io.BytesIO()
    with tarfile.open(fileobj=control, mode="w:gz") as archive:
        text = b"Package: p\nVersion: 1\nArchitecture: all\nMaintainer: m\nDescription: d\n"
        one = tarfile.TarInfo("./control")
        one.size = len(text)
        archive.addfile(one, io.BytesIO(text))
    deb = folder / "p.deb"
    parts = (("debian-binary", b"2.0\n"), ("control.tar.gz", control.getvalue()), ("data.tar.gz", payload.getvalue()))
    with deb.open("wb") as out:
        out.write(b"!<arch>\n")
        for name, content in parts:
            out.write(f"{name:<16}{0:<12}{0:<6}{0:<6}{'100644':<8}{len(content):<10}`\n".encode() + content)
            out.write(b"\n" if len(content) % 2 else b"")
    return deb


def member(path: str, mode: int = 0o644, kind: bytes = tarfile.REGTYPE, target: str = "") -> tarfile.TarInfo:
    one = tarfile.TarInfo(path)
    one.mode, one.type, one.linkname = mode, kind, target
    return one


@pytest.mark.parametrize(
    ("path", "place"),
    [
        ("./bin/sh", "usr/bin/sh"),
        ("lib/x86_64-linux-gnu/libc.so.6", "usr/lib/x86_64-linux-gnu/libc.so.6"),
        ("/etc/x", "etc/x"),
        ("usr/bin/x", "usr/bin/x"),
        ("./", ""),
        ("lib", "lib"),
        ("library/x", "library/x"),
    ],
)
def test_paths_lie_below_a_merged_usr(path: str, place: str) -> None:
    assert merged(path) == place


def test_a_package_is_unpacked_with_plain_rights(tmp_path: Path) -> None:
    deb = make_deb(
        tmp_path,
        [
            member("./bin/tool", 0o4755),
            member("./etc/settings", 0o664),
            member("./bin/other", kind=tarfile.LNKTYPE, target="./bin/tool"),
            member("./usr/lib/link", kind=tarfile.SYMTYPE, target="../../etc/settings"),
        ],
    )
    tree = Tree()
    tree.package(deb)
    assert {path: oct(entry.mode) for path, entry in tree.entries.items() if entry.data is not None} == {
        "usr/bin/tool": "0o755",
        "usr/bin/other": "0o755",
        "etc/settings": "0o644",
    }
    assert tree.find("usr/lib/link") == "etc/settings"


def test_what_is_dropped_does_not_arrive(tmp_path: Path) -> None:
    tree = Tree()
    tree.package(make_deb(tmp_path, [member("./usr/share/man/man1/x.1"), member("./usr/bin/x")]), ["usr/share/man/*"])
    assert [path for path, _ in tree.files()] == ["usr/bin/x"]


def test_a_wheel_brings_its_library_and_no_scripts(tmp_path: Path) -> None:
    wheel = tmp_path / "p-1-py3-none-any.whl"
    with zipfile.ZipFile(wheel, "w") as archive:
        for name in ("p/__init__.py", "p/tests/test_p.py", "p-1.data/scripts/run", "p-1.data/purelib/q.py"):
            archive.writestr(name, "")
    tree = Tree()
    tree.wheel(wheel, "site", ["*/tests/*"])
    assert [path for path, _ in tree.files()] == ["site/p/__init__.py", "site/q.py"]


def test_links_are_followed_through_folders_and_circles_end() -> None:
    tree = Tree()
    tree.file("usr/lib/real/file", "x")
    tree.link("usr/lib/alias", "real")
    tree.link("a", "b")
    tree.link("b", "a")
    assert tree.find("usr/lib/alias/file") == "usr/lib/real/file"
    assert tree.find("lib/alias/file") == "usr/lib/real/file"
    assert tree.find("a") is None
    assert tree.find("nowhere") is None


def test_the_old_places_lead_to_the_new_ones() -> None:
    tree = Tree()
    tree.file("bin/sh", "x")
    merged_links(tree)
    assert tree.entries["bin"].target == "usr/bin"
    assert "lib" not in tree.entries


def test_a_broken_package_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "p.deb").write_bytes(b"no package")
    with pytest.raises(subprocess.CalledProcessError):
        Tree().package(tmp_path / "p.deb")
