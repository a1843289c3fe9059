"""What is shared of an object, as the read model knows it; the rules are those of the record store."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from chassis.criteria import CriteriaError, Criterion, Field, parse

if TYPE_CHECKING:
    from services.report.model.objects import ObjectModel

FOLLOWED_LEVELS = 4


@dataclass(frozen=True)
class SharingRule:
    """Records that meet the criteria are shared with the grantees."""

    criteria: Mapping[str, Any]
    grantees: Sequence[str]
    masked: Sequence[str] = ()  # a question that speaks of one of these fields does not see records by this rule

    def criterion(self, fields: Mapping[str, Field]) -> Criterion | None:
        """What its records meet; None when the read model does not keep what it speaks of."""
        try:
            return parse(self.criteria, fields)
        except CriteriaError:
            return None


@dataclass(frozen=True)
class Sharing:
    """The rules of one object, the generation of shares and whether there are any, and all objects of the view."""

    rules: Sequence[SharingRule]
    generation: int
    any_shares: bool
    objects: Mapping[str, ObjectModel]
