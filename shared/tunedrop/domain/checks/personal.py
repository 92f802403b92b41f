"""The shapes of personal data, and the search for them: what has a checksum must pass it.

Says which kinds a text holds and never which; names and places of people have no shape, so they are not found.
"""

import re
from collections.abc import Callable, Iterator
from functools import cache
from itertools import islice
from string import ascii_letters, digits
from typing import NamedTuple

from tunedrop.domain.checks.spotting import looks_made_up, matches_at, spotter

_MOST_MATCHES = 1000
_LOCAL_CHARACTERS = ascii_letters + digits + "._%+-"
_LONGEST_LOCAL_PART = 64

_DOMAIN = r"@((?:[A-Za-z0-9-]{1,63}\.){1,8}[A-Za-z]{2,24})(?![A-Za-z0-9-])"
_NO_DOMAIN = r"(?i)(?:^|\.)(?:(?:example|(?:your|my)?(?:company|domain))\.(?:com|org|net)|example|test|invalid|localhost|local|png|jpe?g|gif|svg|webp|js|ts|css|py)$"
_NOBODY = r"(?i)(?:git|no-?reply|do-?not-?reply|user(?:name)?|someone|me|you|foo|bar)$"

_PHONE = r"(?<![\w)\]+.])\+[1-9](?:[ ().-]{0,2}[0-9]){7,14}(?![\w])"
_FEWEST_DIGITS_UNPARTED = 10
# Numbers that the North American plan keeps for fiction.
_FICTION = r"1\d{3}55501\d\d$"

_IBAN = r"(?<!\w)[A-Z]{2}[0-9]{2}(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,3})?(?!\w)"
# ISO 13616 registry, as of 2026-11: the length in each country, with country and check digits.
_IBAN_LENGTHS = {
    "AT": 20, "BE": 16, "BG": 22, "CH": 21, "CY": 28, "CZ": 24, "DE": 22, "DK": 18, "EE": 20,
    "ES": 24, "FI": 18, "FR": 27, "GB": 22, "GR": 27, "HR": 21, "HU": 28, "IE": 22, "IS": 26,
    "IT": 27, "LI": 21, "LT": 20, "LU": 20, "LV": 21, "MC": 27, "MT": 31, "NL": 18, "NO": 15,
    "PL": 28, "PT": 25, "RO": 24, "SA": 24, "SE": 24, "SI": 19, "SK": 24, "TR": 26, "UA": 29,
    "AE": 23, "BR": 29, "IL": 23, "QA": 29,
}  # fmt: skip
_KNOWN_IBANS = frozenset(
    {"GB82WEST12345698765432", "DE89370400440532013000", "GB33BUKB20201555555555"}
)

_CARD = r"(?<![\w.])[2-6][0-9](?:[ -]?[0-9]){11,17}(?!\.?\w)"
# Visa, Mastercard, American Express, Diners, JCB, Discover, UnionPay: ISO 7812 prefixes with their lengths.
_CARD_PREFIX = (
    r"4(?:\d{12}|\d{15}|\d{18})|5[1-5]\d{14}|2(?:22[1-9]|2[3-9]\d|[3-6]\d\d|7[01]\d|720)\d{12}"
    r"|3[47]\d{13}|3(?:0[0-5]|[68]\d)\d{11}|35(?:2[89]|[3-8]\d)\d{12}|6(?:011|5\d\d)\d{12}|62\d{14}"
)
# docs.stripe.com/testing and docs.adyen.com/development-resources/testing: numbers that charge nobody.
_KNOWN_CARDS = r"4242424242424242|4012888888881881|5555555555554444|2223003122003222|3782822463|3714496353|3056930902|5200828282828210|5105105105105100|60111111|60119|3566002020"  # fmt: skip

_SSN = r"(?<![\w-])(?!000|666|9)[0-9]{3}-(?!00)[0-9]{2}-(?!0000)[0-9]{4}(?![\w-])"
# ssa.gov/history/ssn/misused.html: numbers that stood in advertisements; and the one of every form.
_KNOWN_SSNS = frozenset({"078-05-1120", "219-09-9999", "123-45-6789"})


def _has_email(text: str) -> bool:
    for match in matches_at(text, "@", _DOMAIN):
        before = text[max(0, match.start() - _LONGEST_LOCAL_PART) : match.start()]
        local = before[len(before.rstrip(_LOCAL_CHARACTERS)) :].strip(".")
        if local and not (re.search(_NO_DOMAIN, match[1]) or re.match(_NOBODY, local)):
            return True
    return False


def _has_phone(text: str) -> bool:
    for match in matches_at(text, "+", _PHONE):
        number = "".join(filter(str.isdigit, match[0]))
        is_parted = len(number) + 1 < len(match[0])
        if (is_parted or len(number) >= _FEWEST_DIGITS_UNPARTED) and not (
            looks_made_up(number) or re.match(_FICTION, number)
        ):
            return True
    return False


def _has_iban(text: str) -> bool:
    return any(_is_iban(match[0].replace(" ", "")) for match in _first(_IBAN, text))


def _is_iban(number: str) -> bool:
    number = number[: _IBAN_LENGTHS.get(number[:2], 0)]
    if len(number) != _IBAN_LENGTHS.get(number[:2]) or number in _KNOWN_IBANS:
        return False
    moved = number[4:] + number[:4]
    return int("".join(str(int(character, 36)) for character in moved)) % 97 == 1


def _has_card(text: str) -> bool:
    return any(_is_card(re.sub("[ -]", "", match[0])) for match in _first(_CARD, text))


def _is_card(number: str) -> bool:
    if not re.fullmatch(_CARD_PREFIX, number) or re.match(_KNOWN_CARDS, number):
        return False
    doubled = (sum(divmod(2 * int(digit), 10)) for digit in number[-2::-2])
    luhn = sum(map(int, number[-1::-2])) + sum(doubled)
    return luhn % 10 == 0 and not looks_made_up(number)


def _has_social_security_number(text: str) -> bool:
    return any(match[0] not in _KNOWN_SSNS for match in _first(_SSN, text))


def _first(pattern: str, text: str) -> Iterator[re.Match[str]]:
    return islice(re.finditer(pattern, text), _MOST_MATCHES)


class _PersonalShape(NamedTuple):
    name: str
    pattern: str
    """What a text holds at least, for a quick look; in Rust's syntax."""
    is_in: Callable[[str], bool]


_SHAPES = (
    _PersonalShape("an e-mail address", r"[A-Za-z0-9_%+-]@[A-Za-z0-9-]+\.[A-Za-z]", _has_email),
    _PersonalShape("a phone number", r"\+[1-9][0-9 ().-]{7}", _has_phone),
    _PersonalShape("an IBAN", "[A-Z]{2}[0-9]{2} ?[A-Z0-9]{4} ?[A-Z0-9]{4}", _has_iban),
    _PersonalShape(
        "the number of a payment card", "[2-6][0-9]{3}[ -]?[0-9]{4,6}[ -]?[0-9]{4}", _has_card
    ),
    _PersonalShape(
        "a US social security number", "[0-9]{3}-[0-9]{2}-[0-9]{4}", _has_social_security_number
    ),
)

PATTERNS = tuple(shape.pattern for shape in _SHAPES)


def personal_data_in(text: str) -> Iterator[str]:
    """Name each kind of personal data that *text* holds, once."""
    for shape, is_spotted in _spotters():
        if is_spotted(text) and shape.is_in(text):
            yield shape.name


@cache
def _spotters() -> tuple[tuple[_PersonalShape, Callable[[str], bool]], ...]:
    return tuple((shape, spotter([shape.pattern])) for shape in _SHAPES)
