"""Steps for the secret that holds the address of the webhook that is told how runs end.

Knows Secret Manager; the address itself never passes through here.
"""

import json
from collections.abc import Iterator
from typing import Any

from tunedrop.rights import ACCESSOR
from tunedrop_deploy_lib import grants
from tunedrop_deploy_lib.gcloud import Command, shell_line
from tunedrop_deploy_lib.identities import ours
from tunedrop_deploy_lib.names import SETTINGS_FOLDER, Names
from tunedrop_deploy_lib.policies import Resource, policy_step
from tunedrop_deploy_lib.steps import Difference, Fill, Setting, Step, always, judge_settings, only

_PLACE_FILE = f"{SETTINGS_FOLDER}/webhook-replication.json"


def agent_steps(names: Names) -> Iterator[Step]:
    """Secret Manager's own account, which has to exist before it is let at the key."""
    if not (names.config.webhook and names.config.kms_key):
        return
    grant = grants.key_grant(grants.SECRETS, grants.SECRET_AGENT)
    at = (names.config.kms_key, names.project_flag)
    made: Command = (
        *("beta", "services", "identity", "create"),
        "--service=secretmanager.googleapis.com",
        names.project_flag,
    )
    given: Command = (
        *("kms", "keys", "add-iam-policy-binding", *at),
        *(f"--member={grant.member}", f"--role={grant.role}", "--condition=None"),
    )

    def judge(found: Any, fill: Fill) -> tuple[Difference, ...]:  # noqa: ANN401 — JSON
        member = fill(grant.member)
        # It holds no role on the project by which it could be seen, as the other services' accounts do.
        if any(
            member in binding.get("members", []) for binding in (found or {}).get("bindings", [])
        ):
            return ()
        what = f"secretmanager: expected {member} to exist and hold {grant.role}"
        return (Difference(what, (made, given)),)

    yield Step(
        key="agent/secretmanager",
        makes="the account that secretmanager acts as",
        why="Makes sure that it exists before rights are given to it.",
        look=("kms", "keys", "get-iam-policy", *at, "--format=json"),
        create=(made,),
        judge=judge,
        undo=always(),
        absent=lambda _found: False,
    )


def secret_steps(names: Names) -> Iterator[Step]:
    """The secret, who may read it, and its value; nothing where nobody is to be told."""
    if names.config.webhook:
        yield _secret_step(names)
        yield _policy_step(names)
        yield _value_step(names)


def _secret_step(names: Names) -> Step:
    config, name = names.config, names.webhook_secret
    replica: dict[str, Any] = {"location": config.region}
    flags: Command = ("--replication-policy=user-managed", f"--locations={config.region}")
    files: dict[str, str] = {}
    if config.kms_key:
        # gcloud takes a key for one location in a file alone.
        replica["customerManagedEncryption"] = {"kmsKeyName": config.kms_key}
        files[_PLACE_FILE] = json.dumps({"userManaged": {"replicas": [replica]}}, indent=2) + "\n"
        flags = (f"--replication-policy-file={_PLACE_FILE}",)

    def command(verb: str, *words: str) -> Command:
        return ("secrets", verb, name, *words, names.project_flag)

    settings = (
        Setting(
            path="replication",
            expected={"userManaged": {"replicas": [replica]}},
            fixed=f"its place and key are chosen once: `{shell_line(command('delete'))}`, then run apply",
        ),
        Setting(
            path="labels",
            expected=names.labels,
            mend=(f"--update-labels={names.label_pairs}",),
            read=only(tuple(names.labels)),
        ),
    )
    return Step(
        key="secret/webhook",
        makes=f"secret {name}",
        why="Whoever knows a webhook's address can post to it, so it stands in no setting that people can read.",
        look=command("describe", "--format=json"),
        create=(command("create", *flags, f"--labels={names.label_pairs}"),),
        judge=judge_settings(
            f"secret {name}", settings, lambda words: (command("update", *words),)
        ),
        # Goes even where people's data stays: an address that nothing uses is only there to be stolen.
        undo=always(command("delete")),
        monthly="$0.06 for each value, the first six of the billing account free; reading costs next to nothing",
        files=files,
    )


def _policy_step(names: Names) -> Step:
    resource = Resource(
        key="secret/webhook",
        name=f"secret {names.webhook_secret}",
        group=("secrets",),
        target=(names.webhook_secret, names.project_flag),
        says_condition=True,
    )
    return policy_step(
        resource,
        grants.webhook_grants(names),
        ours=ours(names),
        exact=(ACCESSOR,),
        why="Only the functions that take runs to their end can read the address.",
    )


def _value_step(names: Names) -> Step:
    name = names.webhook_secret
    line = shell_line(("secrets", "versions", "add", name, names.project_flag, "--data-file=-"))
    return Step(
        key="secret/webhook-value",
        makes=f"a value of the secret {name}",
        why="The address is for a person to give: it is read from their terminal, and never from a command line.",
        look=("secrets", "versions", "list", name, names.project_flag, "--format=json"),
        create=(),
        remedy=f"run `{line}`, paste the webhook's address, press Return and Ctrl-D; then run apply",
        judge=lambda _found, _fill: (),
        undo=always(),
        absent=lambda found: not _usable(found),
    )


def _usable(versions: Any) -> bool:  # noqa: ANN401 — JSON
    """Whether the newest version, which is what `latest` means, can be read.

    https://cloud.google.com/python/docs/reference/secretmanager/latest (AccessSecretVersionRequest.name), read 2026-11.
    """
    newest = max(versions or [], key=_number, default=None)
    return newest is not None and newest.get("state") == "ENABLED"


def _number(version: dict[str, str]) -> int:
    return int(version["name"].rpartition("/")[2])
