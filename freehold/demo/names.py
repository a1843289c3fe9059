"""Names of companies and people, each given once, with the telephone numbers and addresses that go with them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from unicodedata import combining, normalize

from freehold.demo import words
from freehold.demo.chance import Chance


@dataclass(frozen=True)
class Firm:
    """A company: where it is, what it does, and the host name of its addresses."""

    name: str
    short_name: str
    region: str
    city: str
    industry: str
    host: str
    landline: str
    foreign: bool


@dataclass(frozen=True)
class Contact:
    """A person at a company."""

    name: str
    title: str
    phone: str
    email: str


class Names:
    """Makes names; remembers which were given."""

    def __init__(self, chance: Chance) -> None:
        self._chance = chance
        self._taken: set[str] = set()
        self._numbers = 0

    def firm(self) -> Firm:
        """A company that does not exist yet."""
        chance = self._chance
        region, industry = chance.weighted(words.REGION_WEIGHTS), chance.weighted(words.TRADE_WEIGHTS)
        city, _, code = chance.one(words.CITIES[region]).partition(" ")
        make = self._foreign_firm if region == "overseas" else self._chinese_firm
        while True:
            name, short, host = make(city, industry)
            if name not in self._taken:
                break
        self._taken.add(name)
        landline = self._fiction_number(city) if region == "overseas" else self._landline(code)
        return Firm(name, short, region, city, industry, self._unique(host, "-") + ".example.com", landline,
                    region == "overseas")

    def contact(self, firm: Firm) -> Contact:
        """A person of the company, with his own number and address."""
        chance = self._chance
        if firm.foreign:
            given, surname = chance.one(words.ENGLISH_GIVEN), chance.one(words.ENGLISH_SURNAMES)
            name, local = f"{given} {surname}", f"{_ascii(given)}.{_ascii(surname)}"
            title, phone = chance.one(words.ENGLISH_JOB_TITLES), self._fiction_number(firm.city)
        else:
            surname, given = chance.one(words.SURNAMES), chance.one(words.GIVEN)
            name, local = surname[0] + given[0], f"{surname[1]}.{given[1]}"
            title, phone = chance.one(words.JOB_TITLES), self._mobile()
        return Contact(name, title, phone, self._unique(f"{local}@{firm.host}", ""))

    def _chinese_firm(self, city: str, industry: str) -> tuple[str, str, str]:
        chance = self._chance
        first, second = chance.one(words.BRANDS), chance.one(words.BRANDS)
        brand, trade = first[0] + second[0], chance.one(words.TRADES[industry])
        form = "股份有限公司" if chance.happens(0.08) else "有限公司"
        return f"{city}{brand}{trade}{form}", brand + trade, first[1] + second[1]

    def _foreign_firm(self, city: str, _: str) -> tuple[str, str, str]:
        brand, trade = self._chance.one(words.ENGLISH_BRANDS), self._chance.one(words.ENGLISH_TRADES)
        return f"{brand} {trade} {words.ENGLISH_FORMS[city]}", f"{brand} {trade}", f"{_ascii(brand)}-{trade.lower()}"

    def _unique(self, text: str, joint: str) -> str:
        """The text, with a number behind it (or before the `@`) when it was given already."""
        local, at, host = text.partition("@")
        found, number = text, 1
        while found in self._taken:
            number += 1
            found = f"{local}{joint}{number}{at}{host}"
        self._taken.add(found)
        return found

    def _mobile(self) -> str:
        prefix = self._chance.one(("130", "135", "136", "137", "138", "139", "150", "158", "177", "186", "189"))
        return self._fresh(lambda: f"+86{prefix}{self._chance.between(0, 99_999_999):08d}")

    def _landline(self, code: str) -> str:
        digits = 7 if code in words.SEVEN_DIGIT_CODES else 8
        top = 10 ** (digits - 2)
        return self._fresh(lambda: f"+86{code[1:]}6{self._chance.between(top, top * 10 - 1)}")

    def _fiction_number(self, city: str) -> str:
        """The ranges are small; extensions keep their numbers apart."""
        self._numbers += 1
        main = words.FICTION_NUMBERS[city]
        return f"{main.format(self._numbers % (100 if '02d' in main else 1000))} ext. {self._numbers}"

    def _fresh(self, make: Callable[[], str]) -> str:
        found = make()
        while found in self._taken:
            found = make()
        self._taken.add(found)
        return found


def _ascii(text: str) -> str:
    return "".join(one for one in normalize("NFKD", text.lower()) if not combining(one))
