"""Steps that several people have to agree to: nobody comes to have two voices in one, however tasks move."""

from __future__ import annotations

from sqlalchemy import ColumnElement, or_

from services.workflow.store.tables import task


def has_one_of_the_step(person: str) -> ColumnElement[bool]:
    """The condition for tasks of steps in which somebody has an open task of his own, or one that a deputy has."""
    other = task.alias()
    return (other.select().where(
        other.c.instance_id == task.c.instance_id, other.c.state == "open", other.c.id != task.c.id,
        other.c.step["node"].as_string() == task.c.step["node"].as_string(),
        or_(other.c.assignee_id == person, other.c.for_id == person)).correlate(task).exists())
