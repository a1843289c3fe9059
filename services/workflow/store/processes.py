"""Published processes, read from their files once by each process of the service and kept in its memory.

A version of a file never changes; what it is compiled against, the object's definition, has a version of its own. The
two together name what is kept.
"""

from __future__ import annotations

from collections import OrderedDict
from threading import Lock

from sqlalchemy import Connection, select

from services.workflow.model.objects import ObjectModel
from services.workflow.model.processes.definition import Definition
from services.workflow.model.processes.reading import read_definition
from services.workflow.store.tables import process_version

_KEPT = 200


class Library:
    """The definitions used last."""

    def __init__(self) -> None:
        self._kept: OrderedDict[tuple[str, int, str, int], Definition] = OrderedDict()
        self._lock = Lock()

    def definition(self, connection: Connection, process_id: str, number: int, model: ObjectModel) -> Definition:
        """Return a version of a process; raises Faults when its object has lost a field that it speaks of."""
        key = process_id, number, model.name, model.version
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
                return self._kept[key]
        xml = connection.execute(select(process_version.c.xml).where(
            process_version.c.process_id == process_id, process_version.c.number == number)).scalar_one()
        definition = read_definition(xml, model)
        with self._lock:
            self._kept[key] = definition
            if len(self._kept) > _KEPT:
                self._kept.popitem(last=False)
        return definition
