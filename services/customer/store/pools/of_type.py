"""What a record type knows of pools: those of its object, those that take new records, masks of fields."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from chassis.criteria import Field, Scope, to_predicate
from services.customer.model.calculated.plan import ObjectPlan
from services.customer.model.fields import FieldDef
from services.customer.model.masking import Mask, mask_for
from services.customer.model.names import POOL
from services.customer.model.pools import Pool
from services.customer.model.sharing import Sharing


@dataclass(frozen=True)
class TakingPool:
    """A pool that takes new records, with the predicate of its criteria."""

    pool: Pool
    judge: Callable[[Mapping[str, Any], Scope], bool]


class PoolsOfType:
    """The part of a record type that is about pools."""

    name: str
    plan: ObjectPlan
    fields: Mapping[str, FieldDef]
    sharing: Sharing
    masks: dict[frozenset[str], Mapping[str, Mask]]
    criteria_fields: Callable[[Callable[[str], bool]], dict[str, Field]]

    def masks_of(self, names: frozenset[str]) -> Mapping[str, Mask]:
        """The masks of these fields, and of what is calculated from them."""
        known = self.masks.get(names)
        if known is None:
            told = {name for name, inputs in self.plan.inputs.items()
                    if any(of == self.name and field in names for of, field in inputs)}
            known = self.masks[names] = {name: mask_for(self.fields[name].value_type)
                                         for name in names | told if name in self.fields}
        return known

    @cached_property
    def pools(self) -> Mapping[str, Pool]:
        """The pools of the object, by id."""
        return {one.id: one for one in self.sharing.pools} if POOL in self.fields else {}

    @cached_property
    def taking_pools(self) -> tuple[TakingPool, ...]:
        """The pools that new records without an owner go into, in the order in which they are asked."""
        fields = self.criteria_fields(lambda _: True)
        found = ((one, one.criterion(fields)) for one in self.pools.values() if one.active and one.takes_new)
        return tuple(TakingPool(one, to_predicate(criterion)) for one, criterion in found if criterion is not None)
