"""The reference page of formulas, made from the tables of functions, types, limits and messages."""

from __future__ import annotations

from collections.abc import Iterator

from chassis.formulas import limits
from chassis.formulas.functions import GROUPS, Function
from chassis.formulas.messages import MESSAGES

_HEAD = """\
# Formulas

One small language for *values*, with the look of spreadsheets: formula fields use it, and everything else that works a
value out. It is read by a grammar of its own, checked against the fields, and compiled once; there is no way from a
formula to anything but the values that it is given. This page is made by `make docs`. For an introduction see
[the guide](../guide/formulas.md).

```
IF(amount > 100000, "A", "B")
ROUND(price * quantity * (1 - COALESCE(discount, 0)), 2)
DAYS(TODAY(), created_at) & " days, " & customer.level
```

## Writing

| what | how |
|---|---|
| numbers | `12`, `0.5`, `.5`, `35%` (which is 0.35); at most 28 digits |
| texts | `"in double quotes"`; a quote inside is written twice |
| yes and no, nothing | `TRUE`, `FALSE`, `BLANK` |
| fields | by name: `amount`; of a record that a reference leads to: `customer.level`, `customer.parent.name` |
| fields of related records | `items.total` is the list of their totals, for functions of lists |
| functions | `ROUND(amount, 2)`; capital or small letters |
| brackets, commas | `( ) ,` or those of Chinese keyboards `（ ） ，` |

| operators, from the closest on | meaning |
|---|---|
| `-x` `+x` `x%` | sign, percent. A sign binds closer than `^`, as in spreadsheets: `-2 ^ 2` is 4 |
| `^` | power, from left to right |
| `*` `/` (also `×` `÷`) | numbers; money by a number; money by money gives a number |
| `+` `-` | numbers; money; a date and a number of days; two dates give days |
| `&` | joins texts; every value can be joined |
| `=` `<>` `<` `<=` `>` `>=` (also `==` `!=` `≠` `≤` `≥`) | comparison; gives TRUE or FALSE |

## Values

| kind | remarks |
|---|---|
| number | whole numbers, decimals and percentages alike, exact to 28 digits; a percentage of 35% is 0.35 |
| money | keeps its currency, and lends it to a bare number beside it. Two currencies are never added (an error when \
they are known, else missing) nor compared (false); only 0 is the same in all of them |
| text | phone, e-mail, web address, region and automatic number too; `=` is exact, `CONTAINS` and `FIND` ignore case |
| choice | the value of the choice (not its label); comparing with one that does not exist is an error |
| several choices | a list: `CONTAINS(tags, "vip")`, `COUNT(tags)`, `JOIN(tags, ", ")` |
| date, date with time | a moment counts as its day in the time zone of the company wherever a day is wanted |
| yes or no | `IF(active, …)` |
| person, department, reference | its id: compare it, or ask `ISBLANK`; a reference leads on: `customer.level` |

## Missing values

- A calculation with a missing value is missing: `price * quantity` waits for both. `COALESCE(discount, 0)` says what to
  take instead.
- A comparison with a missing value is false. `<>` is the exact opposite of `=`, so `discount <> 0` is true for a
  missing one. Two missing values are equal; an empty text is a missing text.
- A missing condition counts as FALSE in `IF`, `AND`, `OR` and `NOT`.
- Joined to a text, a missing value is nothing. `SUM`, `AVERAGE`, `MIN`, `MAX` and `COUNT` pass it over.
- What cannot be worked out (a division by zero, two currencies in a sum) is missing in a field; `IFERROR` chooses
  another value, and the editor says why.
"""


def render_formulas() -> str:
    """The page as text."""
    return "\n".join([_HEAD, *_functions(), *_limits(), *_errors()]) + "\n"


def _functions() -> Iterator[str]:
    for group, functions in GROUPS.items():
        yield from (f"## Functions: {group}", "", "| function | gives | example |", "|---|---|---|")
        yield from (_row(function) for function in functions)
        yield ""


def _row(function: Function) -> str:
    return (f"| `{function.signature}` | {_cell(function.about['en'])} | `{_cell(function.example)}` → "
            f"`{_cell(function.gives)}` |")


def _limits() -> Iterator[str]:
    yield from ("## Limits", "", "Before a formula is accepted:", "", "| what | at most |", "|---|---|")
    yield from (f"| {what} | {number:,} |" for what, number in (
        ("characters", limits.MAX_SOURCE), ("levels of nesting", limits.MAX_DEPTH), ("parts", limits.MAX_NODES),
        ("values of one function", limits.MAX_ARGUMENTS), ("references that a path follows", limits.MAX_HOPS)))
    yield from ("", "While it is worked out (beyond that the value is missing):", "", "| what | at most |", "|---|---|")
    yield from (f"| {what} | {number} |" for what, number in (
        ("characters of any text", f"{limits.MAX_TEXT:,}"), ("items of a list", f"{limits.MAX_ITEMS:,}"),
        ("size of a number", f"10^{limits.MAX_EXPONENT}"), ("steps within lists and texts", f"{limits.MAX_STEPS:,}"),
        ("time", f"{limits.MAX_SECONDS * 1000:.0f} ms")))
    yield ""


def _errors() -> Iterator[str]:
    yield from ("## Errors", "", "An error comes with `start` and `end` (characters of the formula), `line`, `column`,",
                "a sentence in the caller's language, and a suggestion where one is near.", "",
                "| code | sentence |", "|---|---|")
    yield from (f"| `formula_{code}` | {_cell(texts['en'])} |" for code, texts in MESSAGES.items()
                if code != "did_you_mean")


def _cell(text: str) -> str:
    return text.replace("|", "\\|")
