"""Column types that mean the same on SQLite and on PostgreSQL.

| type | PostgreSQL | SQLite | Python |
|---|---|---|---|
| Id | uuid | CHAR(36) | str, canonical lower case |
| UtcDateTime | timestamptz | text of fixed width, sortable | aware datetime in UTC |
| Exact(p, s) | numeric(p, s) | integer scaled by 10^s | Decimal |
| Json | jsonb | text | any JSON value |
| PlainText | text, byte order | text, byte order | str |
| SortedText | text, ICU order for Chinese | text, pinyin order by GB 18030 | str |
| Numbers | integer[] | text, separated by blanks | list of int |
"""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache
from typing import Any

from sqlalchemy import ARRAY, JSON, BigInteger, DateTime, Integer, Numeric, String, Text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.engine import Dialect
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.types import TypeDecorator, UserDefinedType

CHINESE_COLLATION = "freehold_zh"


class Id(UserDefinedType[str]):
    """A UUID kept as a native uuid where the database has one; strings in Python, without any conversion."""

    cache_ok = True

    def get_col_spec(self, **_: Any) -> str:
        return "CHAR(36)"

    @property
    def python_type(self) -> type[str]:
        return str


@compiles(Id, "postgresql")
def _native_uuid(*_: Any, **__: Any) -> str:
    return "UUID"


class UtcDateTime(TypeDecorator[datetime]):
    """An aware moment; naive values are refused so that nothing is guessed."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> Any:
        return dialect.type_descriptor(String(27) if dialect.name == "sqlite" else DateTime(timezone=True))

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> Any:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a moment needs a time zone")
        value = value.astimezone(UTC)
        return value.strftime("%Y-%m-%dT%H:%M:%S.%fZ").zfill(27) if dialect.name == "sqlite" else value

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        return datetime.fromisoformat(value) if isinstance(value, str) else value

    def result_processor(self, dialect: Dialect, coltype: Any) -> Any:
        """PostgreSQL's values are what Python wants already."""
        return super().result_processor(dialect, coltype) if dialect.name == "sqlite" else None


class Exact(TypeDecorator[Decimal]):
    """A decimal of fixed scale, exact on both databases; at most 18 digits."""

    impl = Numeric
    cache_ok = True

    def __init__(self, precision: int = 18, scale: int = 2) -> None:
        super().__init__(precision, scale)
        self.precision, self.scale = precision, scale

    def load_dialect_impl(self, dialect: Dialect) -> Any:
        kind = BigInteger() if dialect.name == "sqlite" else Numeric(self.precision, self.scale)
        return dialect.type_descriptor(kind)

    def process_bind_param(self, value: Decimal | int | None, dialect: Dialect) -> Any:
        if value is None or dialect.name != "sqlite":
            return value
        return int(Decimal(value).scaleb(self.scale).to_integral_value(ROUND_HALF_UP))

    def process_result_value(self, value: Any, dialect: Dialect) -> Decimal | None:
        if value is None or dialect.name != "sqlite":
            return value
        return Decimal(value).scaleb(-self.scale)

    def result_processor(self, dialect: Dialect, coltype: Any) -> Any:
        """PostgreSQL's values are what Python wants already."""
        return super().result_processor(dialect, coltype) if dialect.name == "sqlite" else None


class Numbers(TypeDecorator[list[int]]):
    """A set of numbers that an index can be asked for: an array, or words of a text where there are no arrays."""

    impl = Text
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> Any:
        return dialect.type_descriptor(Text() if dialect.name == "sqlite" else ARRAY(Integer))

    def process_bind_param(self, value: list[int] | None, dialect: Dialect) -> Any:
        return value if value is None or dialect.name != "sqlite" else " ".join(map(str, value))

    def process_result_value(self, value: Any, dialect: Dialect) -> list[int] | None:
        return [int(one) for one in value.split()] if isinstance(value, str) else value


def Json() -> JSON:  # noqa: N802 - reads as a type in table definitions
    """A JSON value; None is SQL NULL."""
    return JSON(none_as_null=True).with_variant(JSONB(none_as_null=True), "postgresql")


def PlainText(length: int | None = None) -> Text:  # noqa: N802
    """Text compared byte by byte: codes, keys, normalised values."""
    return Text(length).with_variant(Text(length, collation="C"), "postgresql")


def SortedText(length: int | None = None) -> Text:  # noqa: N802
    """Text that people see sorted: Chinese by pinyin, Latin without regard to case."""
    return (Text(length, collation=CHINESE_COLLATION)
            .with_variant(Text(length, collation="zh-x-icu"), "postgresql"))


def BigId() -> BigInteger:  # noqa: N802
    """A growing 64-bit key that the database assigns."""
    return BigInteger().with_variant(Integer(), "sqlite")


def chinese_collation(left: str, right: str) -> int:
    """Compare as SQLite's collation, in the order that ICU gives Chinese: digits, Chinese by pinyin, other letters."""
    one, two = _sort_key(left), _sort_key(right)
    return (one > two) - (one < two)


@lru_cache(maxsize=65_536)
def _sort_key(text: str) -> tuple[bytes, str]:
    """GB 18030 order is pinyin order for the common characters."""
    return b"".join(_rank(letter) + letter.encode("gb18030", "replace") for letter in text.casefold()), text


def _rank(letter: str) -> bytes:
    return b"\0" if letter < "A" else b"\1" if "\u3400" <= letter <= "\u9fff" else b"\2"
