"""The demo company 远山智造 / Farhill Manufacturing: made by a seeded generator, removable with one command.

`company` makes plain data, `install` brings it in through the public API and keeps a `journal` of every id, `remove`
takes back exactly those. `messy` makes spreadsheets as people really send them.
"""

from freehold.demo.install import DemoError, install_demo
from freehold.demo.remove import Removal, remove_demo

__all__ = ["DemoError", "Removal", "install_demo", "remove_demo"]
