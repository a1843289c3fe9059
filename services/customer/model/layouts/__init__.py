"""How the form of a record is laid out, and what it demands.

An object has several layouts. Each is a document: sections of one or two columns, in them fields with a width, a help
text, and conditions in the criteria language that say when a section or field is shown and when a value is demanded.
A layout says for which roles and records it is meant; the first that fits in the order of positions applies, then
one that is marked as default, then the one that every object has by itself (`standard`).

`document` reads and checks, `compiled` judges records, `shown` makes what one caller gets to see.
"""

from services.customer.model.layouts.compiled import CompiledLayout, Verdict, compile_layouts
from services.customer.model.layouts.document import DESCRIPTION, Layout, read_layout
from services.customer.model.layouts.shown import Eyes, shown_layout, standard_layout

__all__ = ["DESCRIPTION", "CompiledLayout", "Eyes", "Layout", "Verdict", "compile_layouts", "read_layout",
           "shown_layout", "standard_layout"]
