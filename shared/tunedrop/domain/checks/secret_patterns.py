"""The shapes of secrets, as data, each with its issuer's page on the kind; and the search for them.

Says which kinds a text holds and never which; a shape that its issuer does not mark is not looked for.
"""

import re
from collections.abc import Iterator
from typing import NamedTuple

from tunedrop.domain.checks.spotting import looks_made_up, matches_at


class SecretShape(NamedTuple):
    """One kind of secret."""

    name: str
    """With its article, as a message goes on after "what looks like"."""
    begins: tuple[str, ...]
    """Texts of which each match begins with one."""
    pattern: str
    """Its group is the part that the issuer draws; in the syntax that Rust and Python share."""
    known: str = ""
    """Python pattern of documented examples and usual placeholders that are no secrets."""
    stands_alone: bool = True
    """Whether it begins a word; False where any character may stand before it."""


_BASE64URL = "[A-Za-z0-9_-]"
_PASSWORD = "[A-Za-z0-9!#%&+,.;=?^_~|-]{6,}"  # noqa: S105 — a pattern
_NO_HOST = (
    r"@(?:localhost|127\.|host(?:name)?(?![\w.-])|[\w.-]*example|[\w.-]+\.(?:test|invalid)\b)"
)
# Line ends as they are and as they are escaped, and what may stand around the lines of a literal.
_LINE_END = r"(?:\\[rn]|[\r\n])"
_GAP = r"(?:\\[rn]|[\"'+, \t\r\n])"
_HEADER = rf"[A-Za-z-]{{1,20}}: [ -\[\]-~]{{1,200}}{_LINE_END}{_GAP}{{0,100}}"

# As of 2026-11-26; where an issuer names a prefix and no length, the length is what public scanners look for.
# A search in Rust goes by the first three characters of every pattern, so some begin within the word, where three
# characters stand that are rare in code: "b_p", and not "git".
SHAPES = (
    # RFC 7468, RFC 1421 (headers), RFC 4880 section 6.2, openssh/PROTOCOL.key; wrapped at 64 characters or more.
    # The key of a Google service account is JSON around one.
    SecretShape(
        "a private key",
        ("BEGIN ",),
        r"BEGIN (?:[A-Z0-9]{1,9} ){0,3}PRIVATE KEY(?: BLOCK)?-----"
        rf"{_GAP}{{1,100}}(?:{_HEADER}){{0,4}}([A-Za-z0-9+/]{{60,}})",
        stands_alone=False,
    ),
    # docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html, "unique ID prefixes".
    SecretShape("an AWS access key", ("AKIA", "ASIA"), "A[KS]IA([A-Z0-9]{16})"),
    # docs.aws.amazon.com/sdkref/latest/guide/feature-static-credentials.html; known by its name alone.
    SecretShape(
        "an AWS secret access key",
        ("ecret_access_key", "ecretAccessKey", "ECRET_ACCESS_KEY"),
        r"(?:ecret_access_key|ecretAccessKey|ECRET_ACCESS_KEY)[\\\"'` :=>]{1,12}([A-Za-z0-9/+]{40})",
        stands_alone=False,
    ),
    # cloud.google.com/docs/authentication/api-keys.
    SecretShape("a Google API key", ("AIza",), f"AIza({_BASE64URL}{{35}})"),
    # developers.google.com/identity/protocols/oauth2/native-app (client secrets).
    SecretShape("a Google OAuth client secret", ("GOCSPX-",), f"GOCSPX-({_BASE64URL}{{28}})"),
    # github.blog/changelog/2021-03-31-authentication-token-format-updates-are-generally-available;
    # since 2026-04-27 also ghs_<app>_<JWT>, docs.github.com "Generating an installation access token".
    SecretShape(
        "a GitHub token",
        ("ghp_", "gho_", "ghu_", "ghs_", "ghr_"),
        "(?:gh[opru]_([A-Za-z0-9]{36,})|ghs_([A-Za-z0-9._-]{36,}))",
    ),
    # github.blog/changelog/2022-10-18-introducing-fine-grained-personal-access-tokens-for-github: github_pat_.
    SecretShape(
        "a GitHub personal access token",
        ("b_pat_",),
        "b_pat_([A-Za-z0-9_]{60,})",
        stands_alone=False,
    ),
    # docs.gitlab.com/security/tokens, "Token prefixes".
    SecretShape(
        "a GitLab token",
        ("glpat-", "gldt-", "glrt-", "glptt-"),
        f"gl(?:pat|dt|rt|ptt)-({_BASE64URL}{{20,}})",
    ),
    # docs.slack.dev/authentication/tokens.
    SecretShape(
        "a Slack token",
        ("xoxa-", "xoxb-", "xoxe-", "xoxp-", "xoxr-", "xoxs-", "xapp-"),
        "(?:xox[abeprs]|xapp)-([A-Za-z0-9-]{20,})",
    ),
    # docs.slack.dev/messaging/sending-messages-using-incoming-webhooks.
    SecretShape(
        "a Slack webhook's address",
        (".slack.com/services/",),
        r"\.slack\.com/services/T[A-Z0-9]{8,12}/B[A-Z0-9]{8,12}/([A-Za-z0-9]{20,})",
        stands_alone=False,
    ),
    # docs.stripe.com/keys.
    SecretShape("a Stripe key", ("k_live_",), "k_live_([A-Za-z0-9]{20,})", stands_alone=False),
    # help.openai.com "Best practices for API key safety"; T3BlbkFJ is base64 of "OpenAI".
    SecretShape(
        "an OpenAI API key",
        ("sk-",),
        f"sk-(?:(?:proj|svcacct|admin)-({_BASE64URL}{{20,}})|([A-Za-z0-9]{{20}})T3BlbkFJ[A-Za-z0-9]{{20}})",
    ),
    # docs.anthropic.com "API overview".
    SecretShape("an Anthropic API key", ("sk-ant-",), f"sk-ant-({_BASE64URL}{{32,}})"),
    # huggingface.co/docs/hub/security-tokens.
    SecretShape("a Hugging Face token", ("hf_",), "hf_([A-Za-z]{34,})"),
    # github.blog/changelog/2021-09-23-npm-has-a-new-access-token-format.
    SecretShape("an npm token", ("npm_",), "npm_([A-Za-z0-9]{36})"),
    # docs.pypi.org/api/secrets: a macaroon, whose first bytes are always the same.
    SecretShape("a PyPI token", ("pypi-AgE",), f"pypi-AgE({_BASE64URL}{{50,}})"),
    # twilio.com/docs/sendgrid/ui/account-and-settings/api-keys: 69 characters.
    SecretShape("a SendGrid API key", ("SG.",), rf"SG\.{_BASE64URL}{{22}}\.({_BASE64URL}{{43}})"),
    # learn.microsoft.com/azure/storage/common/storage-configure-connection-string; the emulator's key that all know
    # stands in storage-connect-azurite.
    SecretShape(
        "an Azure storage key",
        ("ntKey=",),
        "ntKey=([A-Za-z0-9+/]{86})==",
        known="Eby8vdM02xNO",
        stands_alone=False,
    ),
    # RFC 7519; the payload of jwt.io's example begins {"sub":"1234567890".
    SecretShape(
        "a JSON web token",
        ("eyJ",),
        rf"eyJ{_BASE64URL}{{10,}}\.eyJ{_BASE64URL}{{10,}}\.({_BASE64URL}{{20,}})",
        known="eyJzdWIiOiIxMjM0NTY3ODkw",
    ),
    # RFC 3986 section 3.2.1; the addresses of databases among them.
    SecretShape(
        "a password in an address",
        ("://",),
        rf"://[A-Za-z0-9._%+-]*:({_PASSWORD})@[A-Za-z0-9][A-Za-z0-9.-]*",
        known=rf"://([^:]+):\1@|:(?:my|db|the|some)?(?:pwd|pass|admin|postgres|hunter2)[0-9!]*@|{_NO_HOST}",
        stands_alone=False,
    ),
)

PATTERNS = tuple(shape.pattern for shape in SHAPES)

# After an escaped line end, as in JSON within a text, a letter may stand before a word's beginning.
_WORD_BEGINS = r"(?:(?<![A-Za-z0-9_-])|(?<=\\[nrt]))"
_WORD_ENDS = r"(?![A-Za-z0-9])"
_SEARCHES = tuple(
    (shape, (_WORD_BEGINS if shape.stands_alone else "") + shape.pattern + _WORD_ENDS)
    for shape in SHAPES
)


def secrets_in(text: str) -> Iterator[str]:
    """Name each kind of secret that *text* holds, once."""
    for shape, pattern in _SEARCHES:
        matches = (
            match for literal in shape.begins for match in matches_at(text, literal, pattern)
        )
        if any(_is_real(shape, match) for match in matches):
            yield shape.name


def _is_real(shape: SecretShape, match: re.Match[str]) -> bool:
    if shape.known and re.search(shape.known, match[0]):
        return False
    return not any(looks_made_up(drawn) for drawn in match.groups() if drawn)
