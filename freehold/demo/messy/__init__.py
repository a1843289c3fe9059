"""Spreadsheets as people really send them, with the list of what is wrong in them.

`make_sheet` makes rows of leads in many spellings, some of them wrong in known ways, some of them twice; `write_sheet`
writes them as XLSX or CSV. Tests import the file and compare with what `MessySheet` says must come out.
"""

from freehold.demo.messy.sheet import COLUMNS, MessySheet, make_sheet
from freehold.demo.messy.writing import write_sheet

__all__ = ["COLUMNS", "MessySheet", "make_sheet", "write_sheet"]
