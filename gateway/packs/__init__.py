"""Packs: the no-code configuration of an installation as readable files, installed through the public REST API.

A pack is a folder: `pack.json` names it and the order of its parts, every other file holds one item (an object, a
rule, a template, a dashboard, a role) or, as `task-kinds.json`, a list of them. `files` reads and checks a folder,
`merge` decides what an installed item should become, `installer` compares and writes, `preview` says it in words.
"""

from gateway.packs.errors import PackError
from gateway.packs.files import load_pack, shipped_pack
from gateway.packs.installer import install_pack
from gateway.packs.model import Item, Pack
from gateway.packs.plan import Change

__all__ = ["Change", "Item", "Pack", "PackError", "install_pack", "load_pack", "shipped_pack"]
