import pytest

from tunedrop.local.pubsub.errors import InvalidArgumentError
from tunedrop.local.pubsub.filters import parse_filter

ATTRIBUTES = {"kind": "tuning", "name": "in/a.jsonl", "x-y": "1", "iana.org/tag": 'a"b\\c'}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", True),
        ("   ", True),
        ("attributes:kind", True),
        ("attributes:other", False),
        ('attributes:"iana.org/tag"', True),
        ('attributes.kind = "tuning"', True),
        ('attributes.kind="tuning"', True),
        ('attributes.kind = "Tuning"', False),
        ('attributes.other = ""', False),
        ('attributes.kind != "tuning"', False),
        ('attributes.kind != "other"', True),
        ('attributes.other != "x"', False),
        ('attributes.x-y = "1"', True),
        (r'attributes."iana.org/tag" = "a\"b\\c"', True),
        ('hasPrefix(attributes.name, "in/")', True),
        ('hasPrefix(attributes.name, "out/")', False),
        ('hasPrefix(attributes.other, "")', False),
        ("NOT attributes:kind", False),
        ("-attributes:other", True),
        ("NOT NOT attributes:kind", True),
        ("attributes:kind AND attributes:other", False),
        ("attributes:kind OR attributes:other", True),
        ("attributes:kind AND attributes:name AND NOT attributes:other", True),
        ("attributes:other OR (attributes:kind AND attributes:name)", True),
        ("NOT (attributes:kind OR attributes:name)", False),
    ],
)
def test_a_filter_selects_by_attributes(text, expected):
    assert expected == parse_filter(text)(ATTRIBUTES)


@pytest.mark.parametrize(
    "text",
    [
        "attributes",
        "attributes.kind",
        "attributes.kind =",
        "attributes.kind == 'a'",
        "attributes.kind = tuning",
        'attributes.kind < "a"',
        'data = "x"',
        'hasPrefix(attributes.kind, "a"',
        'hasSuffix(attributes.kind, "a")',
        "attributes:kind AND",
        "attributes:a AND attributes:b OR attributes:c",
        "(attributes:kind",
        "attributes:kind)",
        "attributes:AND",
        'attributes.kind = "open',
        "attributes:a attributes:b",
        "attributes:a and attributes:b",
        "NOT",
    ],
)
def test_what_is_not_a_filter_is_refused_with_its_position(text):
    with pytest.raises(InvalidArgumentError, match=r"filter is .* at character \d+"):
        parse_filter(text)


def test_a_filter_over_256_bytes_is_refused():
    with pytest.raises(InvalidArgumentError, match="256 bytes"):
        parse_filter('attributes.kind = "' + "x" * 240 + '"')
