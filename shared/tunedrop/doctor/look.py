"""What one look at a project is: a request that changes nothing, and the permission that it takes.

Pure; says where each API answers, and sends nothing.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

SERVICES = {
    "aiplatform": "aiplatform.googleapis.com",
    "cloudkms": "cloudkms.googleapis.com",
    "cloudquotas": "cloudquotas.googleapis.com",
    "crm": "cloudresourcemanager.googleapis.com",
    "eventarc": "eventarc.googleapis.com",
    "functions": "cloudfunctions.googleapis.com",
    "iam": "iam.googleapis.com",
    "pubsub": "pubsub.googleapis.com",
    "run": "run.googleapis.com",
    "serviceusage": "serviceusage.googleapis.com",
    "storage": "storage.googleapis.com",
}
"""Where an API answers; a stand-in has it under the prefix that is the key."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """One request that changes nothing.

    Attributes:
        key: Name of what it finds.
        permission: What the caller needs.
        items: Field of a list's pages that holds its entries; none for a single thing.
        body: JSON of a request that has to be posted.
        host: Where the service answers, if not at its usual place.
    """

    key: str
    service: str
    path: str
    permission: str
    items: str = ""
    query: Mapping[str, str] = field(default_factory=dict)
    method: Literal["GET", "POST"] = "GET"
    body: Mapping[str, object] | None = None
    host: str = ""
