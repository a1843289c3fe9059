"""The demo company 远山智造 / Farhill Manufacturing: made by a seeded generator, removable with one command.

`company` makes plain data, `install` brings it in through the public API and keeps a `journal` of every id, `remove`
takes back exactly those. `packs` does the same with the demo data of packs. `messy` makes spreadsheets as people really
send them.
"""

from freehold.demo.install import install_demo
from freehold.demo.packs import install_pack_demo, remove_pack_demo
from freehold.demo.records import DemoError, Removal
from freehold.demo.remove import remove_demo

__all__ = ["DemoError", "Removal", "install_demo", "install_pack_demo", "remove_demo", "remove_pack_demo"]
