"""From a recipe to an archive, its bill of materials and its list of licences."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from deploy.images import python
from deploy.images.archive import Layer, layer, write_image
from deploy.images.debian import Apt, BuildError, Package, read_lock
from deploy.images.elf import missing_libraries
from deploy.images.recipes import POSTGRES, RECIPES, Recipe
from deploy.images.sbom import Part, bill, console_parts, debian_parts, licence_list, wheel_parts
from deploy.images.tree import DPKG_DEB, Entry, Tree, merged_links, with_owner
from freehold import __version__

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
CONSOLE = {"app": f"{python.CODE}/console/dist", "edge": "usr/share/freehold/console"}
SUMMARY = "images.json"


@dataclass
class Built:
    """What is known of an image while it grows: its files, its parts, and the layers that are closed."""

    recipe: Recipe
    epoch: int
    tree: Tree
    parts: list[Part]
    layers: list[Layer]
    below: Tree

    def close_layer(self, title: str) -> None:
        """Put what came since the last layer into one of its own."""
        self.layers.append(layer(title, self.tree.minus(self.below), self.epoch))
        self.below = self.tree.snapshot()


def build(names: Iterable[str], target: Path, workshop: Path) -> list[dict[str, Any]]:
    """Build the named images into `target` (all of them when none is named); returns what the summary says of each."""
    epoch, packages = read_lock()
    wanted = set(names) or {recipe.name for recipe in RECIPES}
    target.mkdir(parents=True, exist_ok=True)
    apt = Apt(workshop / "apt")
    _refresh(apt, packages, workshop)
    made = [
        _build(recipe, apt, packages[recipe.name], epoch, target, workshop)
        for recipe in RECIPES
        if recipe.name in wanted
    ]
    _summarise(made, target)
    return made


def _refresh(apt: Apt, packages: dict[str, list[Package]], workshop: Path) -> None:
    """Fetch apt's lists only when a package has still to be fetched."""
    here = {file.name for file in (workshop / "debs").glob("*.deb")}
    if any(one.file_name not in here for those in packages.values() for one in those):
        apt.update()


def _build(
    recipe: Recipe, apt: Apt, packages: list[Package], epoch: int, target: Path, workshop: Path
) -> dict[str, Any]:
    built = Built(recipe, epoch, Tree(), [], [], Tree())
    _add_debian(built, apt.fetch(packages, workshop / "debs"), packages)
    if recipe.application:
        _add_application(built, workshop)
    if recipe.console:
        python.add_console(built.tree, CONSOLE[recipe.name])
        built.parts += console_parts()
    _add_own_files(built)
    built.close_layer("Freehold" if recipe.console else "settings and scripts")
    _check(built.tree)
    return _write(built, target)


def _add_debian(built: Built, files: list[Path], packages: list[Package]) -> None:
    recipe, tree = built.recipe, built.tree
    for package, file in zip(packages, files, strict=True):
        drop = recipe.drop if package.name != "coreutils" else (*recipe.drop, "usr/libexec/*", "usr/sbin/*")
        tree.package(file, drop)
        control = subprocess.run([DPKG_DEB, "--field", str(file)], capture_output=True, check=True).stdout
        tree.file(f"var/lib/dpkg/status.d/{package.name}", control)
    if "coreutils" in {package.name for package in packages}:
        _keep_tools(tree, files[[one.name for one in packages].index("coreutils")], recipe.tools)
    built.parts += debian_parts(tree, packages)
    merged_links(tree)
    built.close_layer("Debian packages")


def _keep_tools(tree: Tree, coreutils: Path, tools: tuple[str, ...]) -> None:
    """Leave of coreutils only what the image's scripts call."""
    whole = Tree()
    whole.package(coreutils)
    for path in whole.entries:
        if path.startswith("usr/bin/") and path.removeprefix("usr/bin/") not in tools:
            tree.entries.pop(path, None)


def _add_application(built: Built, workshop: Path) -> None:
    built.parts += wheel_parts(python.add_wheels(built.tree, workshop / "wheels"))
    _add_certificates(built.tree)
    code = Tree()
    code.entries = dict(built.tree.entries)
    python.add_code(code)
    python.add_byte_code(code, workshop)
    ours = (python.CODE, f"{python.SITE}/freehold.pth", "usr/share/doc/freehold")
    built.tree.entries |= {path: entry for path, entry in code.entries.items() if not path.startswith(ours)}
    built.close_layer("Python packages")
    built.tree.entries |= code.entries


def _add_certificates(tree: Tree) -> None:
    """The authorities that programs trust, in the one file where OpenSSL looks for them."""
    shipped = [data for _, data in tree.files("usr/share/ca-certificates/")]
    tree.file("etc/ssl/certs/ca-certificates.crt", b"".join(shipped))


def _add_own_files(built: Built) -> None:
    recipe, tree = built.recipe, built.tree
    home = f"/{recipe.data[0]}" if recipe.data else "/"
    tree.file(
        "etc/passwd",
        f"root:x:0:0:root:/:/usr/sbin/nologin\n"
        f"{recipe.account}:x:{recipe.uid}:{recipe.uid}::{home}:/usr/sbin/nologin\n",
    )
    tree.file("etc/group", f"root:x:0:\n{recipe.account}:x:{recipe.uid}:\n")
    tree.file("etc/nsswitch.conf", "passwd: files\ngroup: files\nhosts: files dns\nservices: files\nprotocols: files\n")
    for path in ("tmp", "var/tmp"):
        tree.folder(path, 0o1777)
    for path in ("run", "proc", "sys", "dev", "etc/freehold/postgres.d", "etc/freehold/rabbitmq.d", "var/lib"):
        tree.folder(path)
    tree.link("var/run", "/run")
    for path in recipe.data:
        tree.folder(path, 0o700, recipe.uid)
        with_owner(tree, path, recipe.uid)
    _copy_folder(tree, HERE / "rootfs" / recipe.name, "")
    for source, target in recipe.files.items():
        _copy_folder(tree, ROOT / source, f"{target}/")


def _copy_folder(tree: Tree, folder: Path, target: str) -> None:
    for file in sorted(folder.rglob("*")) if folder.is_dir() else ():
        if file.is_file():
            tree.copy(file, f"{target}{file.relative_to(folder)}")


def _check(tree: Tree) -> None:
    """No program without its libraries, nothing that changes its user, nothing that others may write."""
    optional = frozenset(path for path, _ in tree.files() if "/jit/" in path)
    faults = missing_libraries(tree, optional)
    faults += [f"{path} is writable by others" for path, entry in tree.entries.items() if _open_to_all(entry)]
    if faults:
        raise BuildError("the image is not sound:\n" + "\n".join(faults[:20]))


def _open_to_all(entry: Entry) -> bool:
    return not entry.target and bool(entry.mode & 0o002) and not entry.mode & 0o1000


def _write(built: Built, target: Path) -> dict[str, Any]:
    recipe = built.recipe
    name = f"freehold/{recipe.name}:{__version__}"
    summary = write_image(target / f"{recipe.name}.tar", name, built.layers, _config(recipe), built.epoch)
    sbom = target.parent / "sbom"
    sbom.mkdir(exist_ok=True)
    (sbom / f"{recipe.name}.cdx.json").write_text(bill(recipe.name, __version__, built.parts), encoding="utf-8")
    (sbom / f"{recipe.name}.licences.txt").write_text(licence_list(recipe.name, built.parts), encoding="utf-8")
    return summary


def _config(recipe: Recipe) -> dict[str, Any]:
    path = "/usr/local/bin:/usr/bin:/usr/sbin:/bin:/sbin" + (f":/{POSTGRES}" if recipe.name == "postgres" else "")
    env = {"PATH": path, "SSL_CERT_FILE": "/etc/ssl/certs/ca-certificates.crt", **recipe.env}
    health = (
        {
            "Healthcheck": {
                "Test": ["CMD", *recipe.health],
                "Interval": 10_000_000_000,
                "Timeout": 5_000_000_000,
                "StartPeriod": 180_000_000_000,
                "Retries": 6,
            }
        }
        if recipe.health
        else {}
    )
    return {
        "User": f"{recipe.uid}:{recipe.uid}",
        "Env": [f"{name}={value}" for name, value in env.items()],
        "Entrypoint": list(recipe.entrypoint) or None,
        "Cmd": list(recipe.command) or None,
        "WorkingDir": "/",
        "ExposedPorts": {f"{port}/tcp": {} for port in recipe.ports},
        "StopSignal": recipe.stop_signal,
        **health,
        "Labels": {
            "org.opencontainers.image.title": recipe.about,
            "org.opencontainers.image.version": __version__,
            "org.opencontainers.image.vendor": "Freehold",
            "org.opencontainers.image.base.name": "debian:12",
        },
    }


def _summarise(made: list[dict[str, Any]], target: Path) -> None:
    """Write name, digest and size of the images; those that were not built this time keep their lines."""
    file = target / SUMMARY
    known = {one["name"]: one for one in json.loads(file.read_text(encoding="utf-8"))} if file.exists() else {}
    known |= {one["name"]: one for one in made}
    file.write_text(json.dumps([known[name] for name in sorted(known)], indent=1) + "\n", encoding="utf-8")
