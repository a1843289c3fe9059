"""`make images-lock`: take the present versions of the Debian packages into debian.lock."""

from __future__ import annotations

from pathlib import Path

from deploy.images.debian import Apt, write_lock
from deploy.images.recipes import RECIPES


def lock(workshop: Path) -> None:
    """Resolve the packages of every image and write the lock."""
    apt = Apt(workshop / "apt")
    apt.update()
    wanted = {
        recipe.name: [name for name in apt.closure(recipe.packages) if name not in recipe.without] for recipe in RECIPES
    }
    known = apt.describe({name for names in wanted.values() for name in names})
    write_lock({image: [known[name] for name in names] for image, names in wanted.items()})
