"""Roles in letters that only look right."""

import pytest

from tunedrop.domain.checks.roles import skeleton


@pytest.mark.parametrize(
    ("role", "meant"),
    [
        ("\u03c5ser", "user"),  # Greek upsilon
        ("\u057dser", "user"),  # Armenian
        ("u\ua731er", "user"),  # small capital
        ("use\u0433", "user"),  # Cyrillic
        ("\u1d1c\ua731\u1d07\u0280", "user"),  # small capitals
        ("\u0251ssistant", "assistant"),  # Latin alpha
        ("assis\u03c4ant", "assistant"),  # Greek tau
        ("ass\u0131stant", "assistant"),  # dotless
        ("\u0410ssistant", "assistant"),  # Cyrillic capital
        ("s\u0443stem", "system"),  # Cyrillic
        ("mode\u04cf", "model"),  # Cyrillic palochka
        ("de\u03bdeloper", "developer"),  # Greek nu
        ("develo\u0440er", "developer"),  # Cyrillic
    ],
)
def test_a_look_alike_gives_away_the_role_it_looks_like(role, meant):
    assert meant == skeleton(role)


@pytest.mark.parametrize("role", ["bot", "human", "\u7528\u6237", "\u043f\u043e\u043b\u044c"])
def test_another_word_looks_like_no_role(role):
    assert skeleton(role) not in {"user", "assistant", "model", "system", "developer", "tool"}
