"""Posts cards to a Slack-compatible incoming webhook, and only ever to addresses of the public internet.

Keeps the webhook's address to itself: whoever has it can post, so it stands in no log line and no exception.
"""

import ipaddress
import logging
import socket
import threading
import time
from dataclasses import dataclass
from typing import Any
from urllib.parse import SplitResult, urlsplit

import requests
from pydantic import SecretStr
from requests.adapters import HTTPAdapter

from tunedrop import logs
from tunedrop.ports import Card

TIMEOUT_SECONDS = 5.0
"""For a connection, and for an answer."""
RESTS_SECONDS = (0.5, 2.0)
"""Before the second and the third try."""
PATIENCE_SECONDS = 20.0
"""For a card with all its tries; what takes longer is given up."""
_THREAD = "tunedrop-webhook"
_TOO_MANY, _SERVER_ERRORS = 429, 500
_PORTS = {"https": 443, "http": 80}
_LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")
_UNICAST = ipaddress.IPv6Network("2000::/3")

# At its most talkative urllib3 logs the path that it asks for, which is the secret part.
logging.getLogger("urllib3.connectionpool").addFilter(lambda entry: entry.threadName != _THREAD)


class _UnusableError(Exception):
    """Nothing may be sent to this webhook; says why and does not name it."""


@dataclass(frozen=True, slots=True)
class _Target:
    """Where to connect, and what to say there."""

    url: str
    """With an IP address for the host, so that nobody resolves the name a second time."""
    host: str
    """The name, which the certificate has to show."""
    authority: str
    """The name with its port, for the header."""


class WebhookNotices:
    """Tells cards to one webhook.

    Args:
        address: Of the webhook; a secret.
        loopback: Whether plain HTTP to this machine is allowed as well, as for a local cloud.
        patience_seconds: How long a card may take, all tries together.
        rests_seconds: Before each further try.
        timeout_seconds: For a connection, and for an answer.
    """

    def __init__(
        self,
        *,
        address: SecretStr,
        loopback: bool = False,
        patience_seconds: float = PATIENCE_SECONDS,
        rests_seconds: tuple[float, ...] = RESTS_SECONDS,
        timeout_seconds: float = TIMEOUT_SECONDS,
    ) -> None:
        self._address = address
        self._loopback = loopback
        self._patience_seconds = patience_seconds
        self._rests_seconds = rests_seconds
        self._timeout_seconds = timeout_seconds

    def tell(self, card: Card) -> None:
        """See `Notices.tell`."""
        said: list[str] = []
        # A name's resolution knows no timeout, and a server that sends a byte now and then meets every one.
        worker = threading.Thread(
            target=lambda: said.append(self._told(card)), name=_THREAD, daemon=True
        )
        worker.start()
        worker.join(self._patience_seconds)
        problem = said[0] if said else f"there was no end to it in {self._patience_seconds:g} s"
        if problem:
            text = f"run {card.run_id}: the webhook did not take the notice: {problem}"
            logs.warning(text, run_id=card.run_id)

    def _told(self, card: Card) -> str:
        """Why the card was not taken; empty if it was."""
        try:
            return self._tried(card.text)
        except _UnusableError as error:
            return str(error)
        except Exception as error:  # noqa: BLE001 — the run goes on whatever it is; its text may hold the address
            return f"unexpected {type(error).__name__}"

    def _tried(self, text: str) -> str:
        problem = ""
        for number, rest in enumerate((0.0, *self._rests_seconds)):
            time.sleep(rest)
            try:
                targets = _targets(self._address.get_secret_value(), loopback=self._loopback)
                status = self._post(targets[number % len(targets)], text)
            except (requests.RequestException, socket.gaierror) as error:
                problem = type(error).__name__
                continue
            if requests.codes.ok <= status < requests.codes.multiple_choices:
                return ""
            problem = f"it answered {status}"
            if status != _TOO_MANY and status < _SERVER_ERRORS:
                return problem  # redirects too: they could lead anywhere
        return f"{problem}, {1 + len(self._rests_seconds)} times"

    def _post(self, target: _Target, text: str) -> int:
        with requests.Session() as session:
            session.trust_env = False  # no .netrc, and no proxy, which would resolve the name
            session.mount("https://", PinnedAdapter(target.host))
            with session.post(
                target.url,
                json={"text": text},
                headers={"Host": target.authority},
                timeout=self._timeout_seconds,
                allow_redirects=False,
                stream=True,  # what else it answers is nobody's business
            ) as response:
                return response.status_code


class PinnedAdapter(HTTPAdapter):
    """Expects the certificate of *host* from whatever address the connection leads to."""

    def __init__(self, host: str) -> None:
        self._host = host
        super().__init__()

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401 — as requests calls it
        """See `requests.adapters.HTTPAdapter`."""
        super().init_poolmanager(
            *args, server_hostname=self._host, assert_hostname=self._host, **kwargs
        )


def _targets(address: str, *, loopback: bool) -> list[_Target]:
    """Every place that the address may lead to, those that any machine can reach first.

    Raises:
        _UnusableError: It leads, or could lead, to another place than the public internet.
        socket.gaierror: Its host is not known just now.
    """
    parts, port = _split(address)
    host = str(parts.hostname)
    local = loopback and parts.scheme == "http" and host in _LOOPBACK
    if parts.scheme != "https" and not local:
        raise _UnusableError("its address does not begin with https://")
    found = {
        ipaddress.ip_address(str(entry[4][0]))
        for entry in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    }
    if not local and not all(map(is_public, found)):
        raise _UnusableError("its host has an address that is not public")
    path = f"{parts.path or '/'}{'?' if parts.query else ''}{parts.query}"
    return [
        _Target(f"{parts.scheme}://{_bracketed(str(ip))}:{port}{path}", host, parts.netloc)
        for ip in sorted(found, key=lambda ip: (ip.version, ip.packed))
    ]


def _split(address: str) -> tuple[SplitResult, int]:
    try:
        parts = urlsplit(address)
        port = parts.port or _PORTS.get(parts.scheme, 0)
    except ValueError:
        raise _UnusableError("its address cannot be read") from None
    if not parts.hostname or "@" in parts.netloc:
        raise _UnusableError("its address has no host, or a user's name before it")
    return parts, port


def is_public(ip: ipaddress.IPv4Address | ipaddress.IPv6Address) -> bool:
    """Whether an address lies on the public internet, and one that it carries within itself as well."""
    if isinstance(ip, ipaddress.IPv4Address):
        return ip.is_global and not ip.is_multicast
    if ip in _NAT64:
        return is_public(ipaddress.IPv4Address(ip.packed[-4:]))
    if ip.sixtofour:
        return is_public(ip.sixtofour)
    return ip in _UNICAST and ip.is_global


def _bracketed(ip: str) -> str:
    return f"[{ip}]" if ":" in ip else ip
