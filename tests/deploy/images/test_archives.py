"""What is in the images: nothing secret, nothing superfluous, all of it named, the same at every build."""

from __future__ import annotations

import hashlib
import io
import json
import re
import tarfile
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from deploy.images.build import build
from deploy.images.debian import read_lock
from deploy.images.recipes import RECIPES, Recipe
from scripts.licences import pinned_names
from tests.support.engine import IMAGES, ROOT

WITH_SHELL = {"postgres", "rabbitmq"}
KEY = re.compile(rb"-----BEGIN [A-Z ]*PRIVATE KEY-----\s+[A-Za-z0-9+/=]{40,}")
SECRET_NAMES = re.compile(
    r"(^|/)(\.env|id_(rsa|ed25519|ecdsa)|\.netrc|\.pgpass|\.git-credentials|pip\.conf|[^/]+\.(key|p12|pfx))$"
)

recipes = pytest.mark.parametrize("recipe", RECIPES, ids=lambda recipe: recipe.name)


@cache
def archive(name: str) -> dict[str, bytes]:
    with tarfile.open(IMAGES / f"{name}.tar") as tar:
        return {member.name: tar.extractfile(member).read() for member in tar if member.isfile()}  # type: ignore[union-attr]


@cache
def config(name: str) -> dict[str, Any]:
    blobs = archive(name)
    return json.loads(blobs[json.loads(blobs["manifest.json"])[0]["Config"]])


@cache
def members(name: str) -> list[tuple[tarfile.TarInfo, bytes]]:
    found = []
    for path in json.loads(archive(name)["manifest.json"])[0]["Layers"]:
        with tarfile.open(fileobj=io.BytesIO(archive(name)[path])) as layer:
            found += [(one, layer.extractfile(one).read() if one.isfile() else b"") for one in layer]  # type: ignore[union-attr]
    return found


@recipes
def test_a_second_build_gives_the_same_bytes(recipe: Recipe, tmp_path: Path) -> None:
    build([recipe.name], tmp_path / "images", ROOT / "build" / "images")
    first, second = (
        hashlib.sha256((folder / f"{recipe.name}.tar").read_bytes()).hexdigest()
        for folder in (IMAGES, tmp_path / "images")
    )
    assert first == second


@recipes
def test_an_image_stays_small(recipe: Recipe) -> None:
    assert sum(len(data) for _, data in members(recipe.name)) <= recipe.most_bytes


@recipes
def test_blobs_are_named_after_their_content(recipe: Recipe) -> None:
    wrong = [
        name
        for name, data in archive(recipe.name).items()
        if name.startswith("blobs/") and name.rpartition("/")[2] != hashlib.sha256(data).hexdigest()
    ]
    assert wrong == []


@recipes
def test_no_layer_holds_a_secret(recipe: Recipe) -> None:
    found = [
        one.name
        for one, data in members(recipe.name)
        if (KEY.search(data) and not data.startswith(b"\x7fELF")) or SECRET_NAMES.search(one.name)
    ]  # GnuTLS carries the keys of its self-tests in the library
    assert found == []
    assert [line for line in config(recipe.name)["config"]["Env"] if re.search("PASS|SECRET|TOKEN|KEY", line)] == []


@recipes
def test_nothing_runs_as_root_or_becomes_it(recipe: Recipe) -> None:
    assert config(recipe.name)["config"]["User"] == f"{recipe.uid}:{recipe.uid}"
    assert [one.name for one, _ in members(recipe.name) if one.isfile() and one.mode & 0o6000] == []
    assert [one.name for one, _ in members(recipe.name) if one.isfile() and one.mode & 0o022] == []


@recipes
def test_a_shell_is_only_where_the_server_needs_one(recipe: Recipe) -> None:
    shells = {one.name for one, _ in members(recipe.name)} & {f"usr/bin/{name}" for name in ("sh", "dash", "bash")}
    assert bool(shells) is (recipe.name in WITH_SHELL)
    tools = {"usr/bin/apt-get", "usr/bin/dpkg", "usr/bin/perl", "usr/bin/curl", "usr/bin/wget", "usr/bin/pip"}
    assert {one.name for one, _ in members(recipe.name)} & tools == set()


@recipes
def test_the_bill_names_every_package(recipe: Recipe) -> None:
    bill = json.loads((IMAGES.parent / "sbom" / f"{recipe.name}.cdx.json").read_text())
    named = {one["purl"].partition("@")[0] for one in bill["components"]}
    assert {f"pkg:deb/debian/{one.name}" for one in read_lock()[1][recipe.name]} <= named
    if recipe.application:
        assert {f"pkg:pypi/{name}" for name in pinned_names("runtime")} <= named
    assert [one["name"] for one in bill["components"] if not one["licenses"][0]["license"]["name"]] == []


@recipes
def test_every_package_keeps_its_terms(recipe: Recipe) -> None:
    kept = {one.name for one, _ in members(recipe.name)}
    missing = [
        one.name
        for one in read_lock()[1][recipe.name]
        if not {f"usr/share/doc/{one.name}/copyright", f"usr/share/doc/{one.name}"} & kept
    ]
    assert missing == []
