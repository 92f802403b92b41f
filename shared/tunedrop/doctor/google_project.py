"""Looks at a project over Google's REST APIs: requests that change nothing, a few at a time, none of them vital.

Knows HTTP and how Google refuses; knows nothing of what a deployment needs.
"""

from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any, Self

import requests
from google.api_core.exceptions import GoogleAPICallError
from google.auth.credentials import AnonymousCredentials, Credentials
from google.auth.exceptions import GoogleAuthError, TransportError
from google.auth.transport.requests import AuthorizedSession, Request
from google.oauth2.credentials import Credentials as UserCredentials

from tunedrop.doctor.knowledge import role_for
from tunedrop.doctor.lines import Sight
from tunedrop.doctor.look import SERVICES, Look
from tunedrop.doctor.subject import Subject

TIMEOUT_SECONDS = 10
_AT_ONCE = 8
_MAX_PAGES = 50
_MAX_TEXT = 300
_ABSENT = 404
_REFUSED = (401, 403)
_NETWORK = "check the network and try again"
_LOGIN = "gcloud auth application-default login"
_UNKNOWN_TO_A_LOCAL_CLOUD = "a local cloud has no such thing"


@dataclass(frozen=True, slots=True)
class Doors:
    """Where each service answers.

    Attributes:
        bases: Base address by service; a service without one is not there, as in a local cloud.
        calls: By the key of a look, what answers in place of a request.
        without: Starts of the keys of looks that lead nowhere, whatever their service.
    """

    bases: Mapping[str, str]
    calls: Mapping[str, Callable[[], Any]] = field(default_factory=dict)
    without: tuple[str, ...] = ()

    @classmethod
    def google(cls) -> "Doors":
        """Google's own."""
        return cls({service: f"https://{host}" for service, host in SERVICES.items()})

    @classmethod
    def stand_in(cls, host: str) -> "Doors":
        """One server that has every service under its own prefix."""
        return cls({service: f"http://{host}/{service}" for service in SERVICES})

    def address(self, look: Look) -> str:
        """The whole address of a look, or empty where its service is not there."""
        base = "" if look.key.startswith(self.without) else self.bases.get(look.service, "")
        if base == f"https://{SERVICES[look.service]}" and look.host:
            base = f"https://{look.host}"
        return f"{base}/{look.path}" if base else ""


class GoogleProject:
    """One project, seen with the caller's own credentials.

    Args:
        credentials: The caller's; None if there are none.
        doors: Where to ask.
        subject: Whose project it is.
    """

    def __init__(self, credentials: Credentials | None, doors: Doors, subject: Subject) -> None:
        if isinstance(credentials, UserCredentials) and not credentials.quota_project_id:
            # Several services refuse people whose calls are not on some project's account.
            credentials = credentials.with_quota_project(subject.project)
        self._credentials = credentials
        self._doors = doors
        self._subject = subject
        self._session = AuthorizedSession(credentials) if credentials else requests.Session()
        if isinstance(credentials, AnonymousCredentials):
            # A proxy or a netrc file of the caller's is none of a loopback server's business.
            self._session.trust_env = False

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_exc: object) -> None:
        self._session.close()

    def identity(self) -> Sight:
        """Whether the caller has credentials that work, and whose they are where they say so."""
        if self._credentials is None:
            return Sight("absent", reason="there are none", mend=(_LOGIN,))
        if isinstance(self._credentials, AnonymousCredentials):
            return Sight("not_here", reason="nothing here asks who calls")
        try:
            self._credentials.refresh(Request())
        except (TransportError, requests.RequestException) as error:
            return Sight("unseen", reason=f"no answer: {type(error).__name__}", remedy=_NETWORK)
        except GoogleAuthError as error:
            return Sight("absent", reason=f"refused: {_cut(error)}", mend=(_LOGIN,))
        account = getattr(self._credentials, "service_account_email", "") or "a person"
        return Sight("seen", f"those of {account}")

    def see(self, looks: Iterable[Look]) -> dict[str, Sight]:
        """Look at everything, several things at a time; what cannot be seen is told and never raised."""
        asked = list(looks)
        with ThreadPoolExecutor(_AT_ONCE) as pool:
            return dict(
                zip((look.key for look in asked), pool.map(self._sight, asked), strict=True)
            )

    def blind(self, looks: Iterable[Look], identity: Sight) -> dict[str, Sight]:
        """What `see` would find without usable credentials, so that nothing has to be waited for."""
        sight = Sight(
            "unseen", None, f"credentials: {identity.reason}", identity.mend, identity.remedy
        )
        return {look.key: sight for look in looks}

    def _sight(self, look: Look) -> Sight:
        call = self._doors.calls.get(look.key)
        address = self._doors.address(look)
        if call is None and not address:
            return Sight("not_here", reason=_UNKNOWN_TO_A_LOCAL_CLOUD)
        try:
            if call is not None:
                return Sight("seen", call())
            return self._list(look, address) if look.items else self._get(look, address)
        except GoogleAuthError as error:
            return Sight("unseen", reason=f"credentials refused: {_cut(error)}", mend=(_LOGIN,))
        except (OSError, ValueError, TypeError, KeyError, GoogleAPICallError) as error:
            # requests' own errors are OSErrors; the others are answers that are not what they should be.
            reason = f"no usable answer: {type(error).__name__}"
            return Sight("unseen", reason=reason, remedy=_NETWORK)

    def _get(self, look: Look, address: str) -> Sight:
        response = self._ask(look, address, look.query)
        return Sight("seen", _object(response)) if response.ok else self._refusal(look, response)

    def _list(self, look: Look, address: str) -> Sight:
        found: list[Any] = []
        query = dict(look.query)
        for _ in range(_MAX_PAGES):
            response = self._ask(look, address, query)
            if not response.ok:
                return self._refusal(look, response)
            page = _object(response)
            found += page.get(look.items, [])
            query["pageToken"] = str(page.get("nextPageToken", ""))
            if not query["pageToken"]:
                return Sight("seen", found)
        return Sight("unseen", reason=f"more than {_MAX_PAGES} pages")

    def _ask(self, look: Look, address: str, query: Mapping[str, str]) -> requests.Response:
        return self._session.request(
            look.method, address, params=query, json=look.body, timeout=TIMEOUT_SECONDS
        )

    def _refusal(self, look: Look, response: requests.Response) -> Sight:
        if response.status_code == _ABSENT:
            return Sight("absent")
        message, is_disabled = _error_of(response)
        if is_disabled:
            host = SERVICES[look.service]
            mend = (self._subject.gcloud("services", "enable", host),)
            return Sight("unseen", reason=f"{host} is not enabled in the project", mend=mend)
        if response.status_code in _REFUSED:
            role = role_for(look.permission)
            holds = f"{role} holds it" if role else "some role holds it"
            return Sight(
                "unseen",
                reason=f"the caller lacks {look.permission}",
                remedy=f"{holds}; an owner of project {self._subject.project} can grant that",
            )
        reason = f"{SERVICES[look.service]} answered {response.status_code}: {message}"
        return Sight("unseen", reason=reason, remedy="try again in a while")


def _object(response: requests.Response) -> dict[str, Any]:
    found = response.json()
    if not isinstance(found, dict):
        msg = "expected a JSON object"
        raise TypeError(msg)
    return found


def _error_of(response: requests.Response) -> tuple[str, bool]:
    """What an error answer says, and whether it is that the interface is not enabled."""
    try:
        error = response.json()["error"]
        message = str(error.get("message", ""))
        reasons = {str(each.get("reason")) for each in error.get("details", ())}
        reasons |= {str(each.get("reason")) for each in error.get("errors", ())}
    except (ValueError, KeyError, TypeError, AttributeError):
        return _cut(response.reason), False
    return _cut(message), bool(reasons & {"SERVICE_DISABLED", "accessNotConfigured"})


def _cut(text: object) -> str:
    lines = str(text).splitlines()
    return lines[0][:_MAX_TEXT] if lines else "no reason given"
