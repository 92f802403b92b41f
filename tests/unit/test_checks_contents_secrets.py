"""Secrets and personal data: every shape of the tables, and the placeholders that are none.

Every token is put together at run time, so that no scanner takes this file for a leak.
"""

import random
import string

import pytest

from tunedrop.domain.checks import personal, secret_patterns
from tunedrop.domain.checks.personal import personal_data_in
from tunedrop.domain.checks.secret_patterns import SHAPES, secrets_in
from tunedrop.domain.checks.spotting import spotter

LETTERS = string.ascii_letters
ALPHANUMERIC = LETTERS + string.digits
UPPER = string.ascii_uppercase + string.digits
URL_SAFE = ALPHANUMERIC + "-_"


def drawn(count, alphabet=ALPHANUMERIC):
    """As if an issuer had drawn it; the same at every call."""
    return "".join(random.Random(f"{count}{alphabet}").choices(alphabet, k=count))


def pem(label, *, gap="\n", headers=""):
    body = gap.join(drawn(64) for _ in range(3))
    return f"-----BEGIN {label}-----{gap}{headers}{body}{gap}-----END {label}-----"


def numbered(named):
    """Test ids that hold no token."""
    return [f"{number}-{name}" for number, (name, _) in enumerate(named)]


JWT_IO_PAYLOAD = "e" + "yJzdWIiOiIxMjM0NTY3ODkwIiwibmFtZSI6IkpvaG4ifQ"
GITHUB, AWS_SECRET = "a GitHub token", "an AWS secret access key"
SECRETS = [
    ("a private key", pem("RSA " + "PRIVATE KEY")),
    ("a private key", pem("PRIVATE" + " KEY")),
    ("a private key", pem("EC " + "PRIVATE KEY", gap="\r\n")),
    ("a private key", pem("OPENSSH " + "PRIVATE KEY", gap="\\n")),
    ("a private key", pem("ENCRYPTED " + "PRIVATE KEY", gap='\\n"\n    "')),
    (
        "a private key",
        pem("PGP " + "PRIVATE KEY BLOCK", headers="Version: GnuPG v2\nComment: a b\n\n"),
    ),
    (
        "a private key",
        pem(
            "RSA " + "PRIVATE KEY",
            headers="Proc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,0A1B2C3D\n\n",
        ),
    ),
    ("an AWS access key", "AK" + "IA" + drawn(16, UPPER)),
    ("an AWS access key", "id=AS" + "IA" + drawn(16, UPPER) + ";"),
    (AWS_SECRET, "aws_secret" + "_access_key = " + drawn(40)),
    (AWS_SECRET, "AWS_SECRET" + "_ACCESS_KEY=" + drawn(40)),
    (AWS_SECRET, '{"Secret' + 'AccessKey": "' + drawn(40) + '"}'),
    ("a Google API key", "AI" + "za" + drawn(35, URL_SAFE)),
    ("a Google OAuth client secret", "GOC" + "SPX-" + drawn(28)),
    *((GITHUB, f"gh{kind}_" + drawn(36)) for kind in "opru"),
    (GITHUB, "gh" + "s_" + drawn(36)),
    (
        GITHUB,
        "gh" + "s_4711_e" + "yJ" + drawn(30) + ".e" + "yJ" + drawn(300) + "." + drawn(86, URL_SAFE),
    ),
    ("a GitHub personal access token", "github_" + "pat_" + drawn(22) + "_" + drawn(59)),
    ("a GitLab token", "gl" + "pat-" + drawn(20)),
    ("a GitLab token", "gl" + "rt-" + drawn(27) + ".01.0a1"),
    ("a Slack token", "xo" + "xb-" + drawn(12, "2345678") + "-" + drawn(24)),
    ("a Slack token", "xa" + "pp-1-A" + drawn(10, UPPER) + "-" + drawn(64, "bcdef23456789")),
    (
        "a Slack webhook's address",
        "https://hooks.sl" + f"ack.com/services/T{drawn(9, UPPER)}/B{drawn(9, UPPER)}/{drawn(24)}",
    ),
    ("a Stripe key", "sk_" + "live_" + drawn(24)),
    ("a Stripe key", "rk_" + "live_" + drawn(99)),
    ("an OpenAI API key", "sk-" + "proj-" + drawn(74, URL_SAFE) + "T3Blbk" + "FJ" + drawn(74)),
    ("an OpenAI API key", "sk-" + drawn(20) + "T3Blbk" + "FJ" + drawn(20)),
    ("an Anthropic API key", "sk-" + "ant-api03-" + drawn(93, URL_SAFE) + "AA"),
    ("a Hugging Face token", "h" + "f_" + drawn(34, LETTERS)),
    ("an npm token", "np" + "m_" + drawn(36)),
    ("a PyPI token", "py" + "pi-AgEIcHlwaS5vcmc" + drawn(160, URL_SAFE)),
    ("a SendGrid API key", "S" + f"G.{drawn(22)}.{drawn(43, URL_SAFE)}"),
    ("an Azure storage key", "AccountName=tides;Account" + f"Key={drawn(86)}==;"),
    ("a JSON web token", "e" + f"yJ{drawn(33)}.e" + f"yJ{drawn(90)}.{drawn(43, URL_SAFE)}"),
    ("a password in an address", "postgres:/" + "/tides:" + drawn(12) + "@db.tides.io:5432/tides"),
    ("a password in an address", "https:/" + "/:" + drawn(20) + "@git.tides.io/a.git"),
    ("a password in an address", "redis:/" + "/default:" + drawn(30) + "@10.1.2.3"),
]


@pytest.mark.parametrize(("name", "text"), SECRETS, ids=numbered(SECRETS))
@pytest.mark.parametrize(
    "around",
    ["{}", 'key = "{}"\n', "KEY={}", "a\\n{}\\nb", "(`{}`), é"],
    ids=["alone", "quoted", "assigned", "escaped", "in-text"],
)
def test_every_shape_is_found_and_named(name, text, around):
    may_hold = spotter(secret_patterns.PATTERNS)

    assert may_hold(around.format(text))
    assert [name] == list(secrets_in(around.format(text)))


def test_every_shape_of_the_table_has_its_test():
    assert {shape.name for shape in SHAPES} == {name for name, _ in SECRETS}


@pytest.mark.parametrize(
    "text",
    [
        "-----BEGIN PRIVATE" + " KEY-----\n...\n-----END PRIVATE KEY-----",
        "-----BEGIN PRIVATE" + " KEY-----\nMIIEvQIBADANBgkqhkiG9w0BAQEFAASC...",
        "if line.startswith('-----BEGIN RSA PRIVATE" + " KEY-----'):\n    return",
        "-----BEGIN RSA PRIVATE" + " KEY-----\n" + "x" * 64,
        "-----BEGIN PUBLIC KEY-----\n" + drawn(64),
        "AK" + "IAIOSFODNN7EXAMPLE",
        "AK" + "IA" + "X" * 16,
        "AK" + "IA" + drawn(17, UPPER),
        "wAK" + "IA" + drawn(16, UPPER),
        "aws_secret" + "_access_key=wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
        "aws_secret" + "_access_key = os.environ['AWS_SECRET_ACCESS_KEY']",
        "gh" + "p_" + "x" * 36,
        "gh" + "p_" + "0" * 36,
        "gh" + "p_" + "abcdefghijklmnopqrstuvwxyz0123456789",
        "gh" + "p_" + "yourPersonalAccessTokenGoesHere" + drawn(10),
        "gh" + "p_" + drawn(35),
        "laugh" + "p_" + drawn(36),
        "https://hooks.sl" + "ack.com/services/T00000000/B00000000/XXXXXXXXXXXXXXXXXXXXXXXX",
        "sk_" + "test_" + drawn(24),
        "task-" + "proj-" + drawn(24),
        "sk-" + "ant-api03-your-key-here-please-replace-it",
        ".".join(["e" + "yJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9", JWT_IO_PAYLOAD, drawn(43)]),
        "Account" + "Key=Eby8vdM02xNO" + drawn(74) + "==",
        "https://user:pass@tides.io",
        "https://user:password@tides.io",
        "https://user:password1@tides.io",
        "https://user:<password>@tides.io",
        "https://user:${PASSWORD}@tides.io",
        "https://{user}:{password}@tides.io",
        "https://user:*********@tides.io",
        "https://user:%s@tides.io",
        "https://user:your-password@tides.io",
        "amqp://guest:guest@queue.tides.io",
        "postgres://postgres:postgres@db.tides.io",
        "postgres://tides:tidestides@tides.example",
        "postgres://tides:" + drawn(12) + "@localhost:5432/tides",
        "postgres://tides:" + drawn(12) + "@db.example.com/tides",
        "postgres://tides:" + drawn(12) + "@host:5432/tides",
        "https://tides.io:8443/@tides/x?time=12:30:15@utc",
        "https://tides.io/a:b@c",
    ],
)
def test_placeholders_and_documented_examples_are_no_secrets(text):
    assert [] == list(secrets_in(text))


def test_a_secret_behind_placeholders_of_its_kind_is_found():
    text = "gh" + "p_" + "x" * 36 + " gh" + "p_" + drawn(36)

    assert [GITHUB] == list(secrets_in(text))


EMAIL, PHONE, IBAN = "an e-mail address", "a phone number", "an IBAN"
CARD, SSN = "the number of a payment card", "a US social security number"
PERSONAL = [
    (EMAIL, "ada.lovelace+x" + "@" + "mail.analytical-engine.org"),
    (EMAIL, "<ada" + "@" + "lovelace.co.uk>."),
    (EMAIL, "mailto:a_d%a" + "@" + "b-c.io?subject=x"),
    (PHONE, "+44 20 79" + "46 3857"),
    (PHONE, "tel:+4930" + "227364921"),
    (PHONE, "+1 (212) 73" + "6-5087"),
    (IBAN, "FR14 2004 1010 05" + "05 0001 3M02 606"),
    (IBAN, "IBAN NL91ABNA" + "0417164300."),
    (IBAN, "ES91 2100 0418 45" + "02 0005 1332 FROM HERE"),
    (CARD, "4539 5787 63" + "62 1486"),
    (CARD, "5425-2334-30" + "10-9903"),
    (CARD, "card=3742454" + "55400126,"),
    (SSN, "536-22-" + "8731"),
]


@pytest.mark.parametrize(("name", "text"), PERSONAL, ids=numbered(PERSONAL))
@pytest.mark.parametrize("around", ["{}", '"{}"', "at {} or so", "é {} é"])
def test_every_kind_of_personal_data_is_found_and_named(name, text, around):
    may_hold = spotter(personal.PATTERNS)

    assert may_hold(around.format(text))
    assert name in personal_data_in(around.format(text))


@pytest.mark.parametrize(
    "text",
    [
        "ada@example.com, ada@mail.example.org, ada@tides.test, ada@x.invalid, root@localhost",
        "no-reply@tides.io noreply@tides.io git@github.com:tides/tides.git user@tides.io",
        "@app.route('/') def f(): a @ b.c; icon@2x.png; you@domain.com; $x@$y",
        "pip install tides@1.2.3; npm i tides@latest",
        "x = y +12345678901; z = i+1; n + 86400000; a[+1]; +1000000000; (a)+4930227364921",
        "+1 (212) 555-0143",
        "GB82 WEST 1234 5698 7654 32, DE89 3704 0044 0532 0130 00",
        "FR14 2004 1010 05" + "05 0001 3M02 607",
        "AB12 CDEF 0123 4567 89AB CDEF",
        "4242 4242 4242 4242, 4111 1111 1111 1111, 5555555555554444, 378282246310005",
        "4539 5787 63" + "62 1487",
        "9539 5787 63" + "62 1486",
        "0.4539578763" + "621486 x4539578763" + "621486 4539578763" + "621486.5",
        "078-05-1120, 219-09-9999, 123-45-6789, 000-12-3456, 666-12-3456, 912-12-3456, 536-00-8731",
        "2026-11-26 536-22-" + "87310 1536-22-" + "8731 536-22-0000",
        "10.0.0.1, 2001:db8::1, 550e8400-e29b-41d4-a716-446655440000, 1732579200000",
    ],
)
def test_what_is_nobodys_is_no_personal_data(text):
    assert [] == list(personal_data_in(text))


def slow_texts():
    """For each shape, long texts that invite a search to go over them again and again."""
    size = 1 << 17
    for begin in (begin for shape in SHAPES for begin in shape.begins):
        yield begin * (size // len(begin))
        yield begin + "a" * size
        yield (begin + "aa-" * 40 + ".") * (size // 120)
        yield (begin + "a: b" * 40 + "\n") * (size // 160)
    yield "://a:" * (size // 5)
    yield "-----BEGIN " + "PRIVATE KEY-----" + "\\n" * (size // 2)
    yield ("-----BEGIN " + "PRIVATE KEY-----\n" + "a: +\n+,+ \n" * 20) * (size // 250)


def test_no_text_is_slow_to_search():
    """The run's time limit is the judge: to go over these texts again for each match takes hours."""
    for text in slow_texts():
        assert [] == list(secrets_in(text))


@pytest.mark.parametrize(
    "unit", ["a@", "+1", "+1 2", "AA11 ", "4 4", "44", "1-", "a.", "GB82WEST", "123-45-"]
)
def test_no_text_is_slow_to_search_for_personal_data(unit):
    assert [] == list(personal_data_in(unit * ((1 << 17) // len(unit)) + "!"))
