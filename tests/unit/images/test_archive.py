"""The archive of an image: the same input, the same bytes; readable by everybody."""

from __future__ import annotations

import hashlib
import json
import tarfile
from pathlib import Path

from deploy.images.archive import layer, write_image
from deploy.images.tree import Tree


def tree(*, backwards: bool = False) -> Tree:
    made = Tree()
    names = ["etc/a", "usr/bin/b", "var/c"]
    for name in reversed(names) if backwards else names:
        made.file(name, name)
    made.link("etc/link", "a")
    made.folder("var/lib/x", 0o700, 10001)
    return made


def test_the_order_of_making_does_not_matter() -> None:
    assert layer("one", tree(), 5).tar == layer("two", tree(backwards=True), 5).tar


def test_names_and_digests_fit_together(tmp_path: Path) -> None:
    one = layer("files", tree(), 86_400)
    said = write_image(tmp_path / "x.tar", "freehold/x:1", [one], {"User": "1"}, 86_400)
    with tarfile.open(tmp_path / "x.tar") as archive:
        blobs = {member.name: archive.extractfile(member).read() for member in archive}  # type: ignore[union-attr]
    for name, data in blobs.items():
        if name.startswith("blobs/"):
            assert name == f"blobs/sha256/{hashlib.sha256(data).hexdigest()}"
    (docker,) = json.loads(blobs["manifest.json"])
    (oci,) = json.loads(blobs["index.json"])["manifests"]
    manifest = json.loads(blobs[f"blobs/sha256/{oci['digest'][7:]}"])
    assert docker["RepoTags"] == ["freehold/x:1"]
    assert docker["Config"] == f"blobs/sha256/{manifest['config']['digest'][7:]}"
    assert (oci["digest"], manifest["config"]["digest"]) == (said["digest"], said["id"])
    config = json.loads(blobs[docker["Config"]])
    assert config["rootfs"]["diff_ids"] == [f"sha256:{one.digest}"]
    assert config["created"] == "1970-01-02T00:00:00Z"


def test_owners_and_times_are_those_that_were_said(tmp_path: Path) -> None:
    (tmp_path / "layer").write_bytes(layer("files", tree(), 86_400).tar)
    with tarfile.open(tmp_path / "layer") as archive:
        members = {member.name: member for member in archive}
    assert {(member.uid, member.mtime, member.uname) for name, member in members.items() if name != "var/lib/x"} == {
        (0, 86_400, "")
    }
    assert (members["var/lib/x"].uid, members["var/lib/x"].mode) == (10001, 0o700)


def test_a_layer_holds_only_what_is_new() -> None:
    below = tree()
    above = below.snapshot()
    above.file("etc/a", "another")
    above.file("etc/d", "new")
    assert sorted(above.minus(below).entries) == ["etc/a", "etc/d"]
