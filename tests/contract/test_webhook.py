"""The webhook adapter over real sockets: what arrives, what is tried again, where it refuses to go."""

import datetime as dt
import ipaddress
import json
import logging
import socket
import ssl

import pytest
import requests
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from pydantic import SecretStr

from support.webhook import CLOSE, DRIP, HANG, PATH, SECRET, webhook
from tunedrop.adapters.webhook import PinnedAdapter, WebhookNotices, is_public
from tunedrop.ports import Card

CARD = Card(run_id="bot-0123456789abcdef", text="*It works.* ü & <b>")


def tell(address, **changes):
    options = {"loopback": True, "rests_seconds": (0.01, 0.02), "timeout_seconds": 5.0, **changes}
    notices = WebhookNotices(address=SecretStr(address), **options)
    notices.tell(CARD)
    return notices


def warnings(capsys):
    """What was logged; the address is never in it."""
    lines = capsys.readouterr().out.splitlines()
    assert not [line for line in lines if SECRET in line or "services" in line]
    return [json.loads(line) for line in lines]


def test_a_card_arrives_as_slack_wants_it(capsys):
    with webhook() as hook:
        tell(hook.url)

    ((path, headers, body),) = hook.requests
    assert (PATH, "application/json") == (path, headers["Content-Type"])
    assert {"text": CARD.text} == json.loads(body)
    assert [] == warnings(capsys)


def test_a_query_and_a_host_with_its_port_arrive_as_they_were_given(capsys):
    with webhook() as hook:
        tell(f"http://localhost:{hook.port}/v1/spaces/AAA/messages?key=k%2Fey&token=t")

    ((path, headers, _),) = hook.requests
    assert ("/v1/spaces/AAA/messages?key=k%2Fey&token=t", f"localhost:{hook.port}") == (
        path,
        headers["Host"],
    )
    assert [] == warnings(capsys)


@pytest.mark.parametrize(
    "answers", [(500,), (503, 500), (429, 502), (CLOSE,)], ids=["500", "twice", "429", "closed"]
)
def test_what_may_pass_is_tried_again(answers, capsys):
    with webhook(*answers) as hook:
        tell(hook.url)

    assert len(answers) + 1 == len(hook.cards)
    assert [] == warnings(capsys)


@pytest.mark.parametrize(
    ("answers", "count", "said"),
    [
        ((500, 500, 500), 3, "it answered 500, 3 times"),
        ((CLOSE, CLOSE, CLOSE), 3, "ConnectionError, 3 times"),
        ((404,), 1, "it answered 404"),
        ((400,), 1, "it answered 400"),
        ((403,), 1, "it answered 403"),
    ],
    ids=["broken", "closed", "gone", "unreadable", "forbidden"],
)
def test_what_does_not_pass_is_given_up_with_one_warning(answers, count, said, capsys):
    with webhook(*answers) as hook:
        tell(hook.url)

    (line,) = warnings(capsys)
    assert count == len(hook.cards)
    assert f"run {CARD.run_id}: the webhook did not take the notice: {said}" == line["message"]
    assert ("WARNING", CARD.run_id) == (
        line["severity"],
        line["logging.googleapis.com/labels"]["run_id"],
    )


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_not_followed(status, capsys):
    with webhook() as other, webhook((status, {"Location": other.url})) as hook:
        tell(hook.url)

    assert ([], 1) == (other.cards, len(hook.cards))
    assert f"it answered {status}" in warnings(capsys)[0]["message"]


def test_a_webhook_that_never_answers_is_given_up(capsys):
    with webhook(HANG, HANG, HANG) as hook:
        tell(hook.url, timeout_seconds=0.1)

    assert 3 == len(hook.cards)
    assert "ReadTimeout, 3 times" in warnings(capsys)[0]["message"]


def test_a_webhook_that_answers_a_byte_at_a_time_is_given_up_as_a_whole(capsys):
    with webhook(DRIP) as hook:
        tell(hook.url, patience_seconds=0.3)

    assert 1 == len(hook.cards)
    assert "there was no end to it in 0.3 s" in warnings(capsys)[0]["message"]


def test_nobody_listening_is_a_warning(capsys):
    with webhook() as hook:
        pass

    tell(hook.url)

    assert "ConnectionError, 3 times" in warnings(capsys)[0]["message"]


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("https://127.0.0.1:{port}/services/x", "not public"),
        ("https://localhost:{port}/services/x", "not public"),
        ("https://[::1]:{port}/services/x", "not public"),
        ("https://169.254.169.254/computeMetadata/v1/services", "not public"),
        ("https://10.0.0.1/services/x", "not public"),
        ("https://2130706433/services/x", "not public"),
        ("http://127.0.0.1:{port}/services/x", "does not begin with https://"),
        ("http://93.184.215.14/services/x", "does not begin with https://"),
        ("ftp://93.184.215.14/services/x", "does not begin with https://"),
        ("https://ann:services@93.184.215.14/x", "no host, or a user's name"),
        ("https:///services/x", "no host, or a user's name"),
        ("https://[services/x", "cannot be read"),
        ("https://93.184.215.14:services/x", "cannot be read"),
        ("services", "no host, or a user's name"),
    ],
)
def test_an_address_that_a_deployment_may_not_use_is_not_even_tried(address, said, capsys):
    with webhook() as hook:
        tell(address.format(port=hook.port), loopback=False)

    (line,) = warnings(capsys)
    assert said in line["message"]
    assert [] == hook.requests


def test_a_local_cloud_may_use_plain_http_to_itself_alone(capsys):
    tell("http://10.0.0.1/services/x")
    tell("http://127.0.0.1.example.com/services/x")

    assert ["does not begin" in line["message"] for line in warnings(capsys)] == [True, True]


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "0.0.0.0",
        "10.1.2.3",
        "172.16.0.1",
        "192.168.1.1",
        "100.64.0.1",
        "169.254.169.254",
        "224.0.0.1",
        "239.255.255.250",
        "255.255.255.255",
        "240.0.0.1",
        "::",
        "::1",
        "fe80::1",
        "fec0::1",
        "fd00:ec2::254",
        "ff02::1",
        "ff0e::1",
        "::ffff:127.0.0.1",
        "::ffff:93.184.215.14",
        "::10.0.0.1",
        "64:ff9b::a9fe:a9fe",
        "64:ff9b::10.0.0.1",
        "2002:7f00:1::",
        "2002:a9fe:a9fe::1",
        "2001:0:4136:e378:8000:63bf:3fff:fdd2",
        "2001:db8::1",
    ],
)
def test_an_address_that_is_not_on_the_internet_is_not_public(address):
    assert not is_public(ipaddress.ip_address(address))


@pytest.mark.parametrize(
    "address", ["93.184.215.14", "2606:2800:21f:cb07:6820:80da:af6b:8b2c", "64:ff9b::5db8:d70e"]
)
def test_an_address_on_the_internet_is_public(address):
    assert is_public(ipaddress.ip_address(address))


def test_a_host_with_one_private_address_among_public_ones_is_refused(monkeypatch, capsys):
    found = [(2, 1, 6, "", ("93.184.215.14", 443)), (2, 1, 6, "", ("10.0.0.1", 443))]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *args, **kwargs: found)

    tell("https://hooks.example.com/services/x")

    assert "its host has an address that is not public" in warnings(capsys)[0]["message"]


def test_a_host_that_is_not_known_is_looked_up_again(monkeypatch, capsys):
    asked = []

    def unknown(host, *args, **kwargs):
        asked.append(host)
        raise socket.gaierror

    monkeypatch.setattr(socket, "getaddrinfo", unknown)

    tell("https://hooks.example.com/services/x")

    assert 3 * ["hooks.example.com"] == asked
    assert "gaierror, 3 times" in warnings(capsys)[0]["message"]


def test_a_proxy_and_a_netrc_of_the_environment_are_left_alone(monkeypatch, tmp_path, capsys):
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login ann password pass\n")
    netrc.chmod(0o600)
    with webhook() as proxy, webhook() as hook:
        monkeypatch.setenv("http_proxy", f"http://127.0.0.1:{proxy.port}")
        monkeypatch.setenv("no_proxy", "")
        monkeypatch.setenv("NETRC", str(netrc))
        tell(hook.url)

    ((_, headers, _),) = hook.requests
    assert [] == proxy.requests
    assert "Authorization" not in headers


def test_the_address_is_in_no_log_however_talkative_and_in_no_representation(caplog, capsys):
    caplog.set_level(logging.DEBUG)
    with webhook(500, CLOSE) as hook:
        notices = tell(hook.url)

    assert 3 == len(hook.cards)
    assert SECRET not in caplog.text + capsys.readouterr().out
    assert SECRET not in repr(vars(notices))


def test_whatever_goes_wrong_is_named_by_its_type_alone(monkeypatch, capsys):
    def broken(*args, **kwargs):
        raise RuntimeError(f"http://{SECRET}")

    monkeypatch.setattr(requests, "Session", broken)

    tell("http://127.0.0.1:1/services/x")

    assert "unexpected RuntimeError" in warnings(capsys)[0]["message"]


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    """A self-signed certificate for hooks.test, and the file that trusts it."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "hooks.test")])
    now = dt.datetime.now(dt.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("hooks.test")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    path = tmp_path_factory.mktemp("tls") / "hooks.pem"
    private = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    path.write_bytes(private + made.public_bytes(serialization.Encoding.PEM))
    return path


def pinned_post(host, certificate):
    """Post to an IP address as the adapter does; the server sees which name was asked for."""
    asked = []
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    context.sni_callback = lambda _socket, name, _context: asked.append(name)
    with webhook(tls=context) as hook, requests.Session() as session:
        session.trust_env = False
        session.mount("https://", PinnedAdapter(host))
        url = f"https://127.0.0.1:{hook.port}{PATH}"
        answer = session.post(url, json={"text": "x"}, verify=str(certificate), timeout=5)
    return answer.status_code, asked


def test_a_connection_to_an_ip_address_expects_the_certificate_of_the_name(certificate):
    assert (200, ["hooks.test"]) == pinned_post("hooks.test", certificate)


def test_another_names_certificate_is_refused(certificate):
    with pytest.raises(requests.exceptions.SSLError):
        pinned_post("other.test", certificate)
