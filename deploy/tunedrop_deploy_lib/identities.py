"""Steps for interfaces, accounts, roles and the rights that are given on the project, on accounts and on a key.

Knows identities; knows no bucket, topic or function.
"""

from collections.abc import Iterator
from typing import Any

from tunedrop.topology import ACCOUNTS, APIS, CUSTOM_ROLES
from tunedrop_deploy_lib import grants
from tunedrop_deploy_lib.gcloud import Command
from tunedrop_deploy_lib.names import Names
from tunedrop_deploy_lib.policies import Resource, members_of, policy_step
from tunedrop_deploy_lib.steps import Difference, Fill, Setting, Step, always, judge_settings


def ours(names: Names) -> tuple[str, ...]:
    """The deployment's own service accounts as members."""
    return members_of([names.account(role) for role in ACCOUNTS])


def apis_step(names: Names) -> Step:
    """The interfaces that everything else needs."""
    wanted = [*APIS]
    wanted += ["billingbudgets"] if names.config.billing_account else []
    wanted += ["cloudkms"] if names.config.kms_key else []
    wanted += [grants.SECRETS] if names.config.webhook else []
    services = [f"{api}.googleapis.com" for api in sorted(wanted)]

    def enable(missing: list[str]) -> Command:
        return ("services", "enable", *missing, names.project_flag)

    def judge(found: Any, _fill: Fill) -> tuple[Difference, ...]:  # noqa: ANN401 — JSON
        enabled = {entry["config"]["name"] for entry in found or []}
        return tuple(
            Difference(f"project {names.project}: expected {api} to be enabled", (enable([api]),))
            for api in services
            if api not in enabled
        )

    return Step(
        key="apis",
        makes=f"{len(services)} enabled APIs",
        why="Google's services answer only to projects that enabled them.",
        look=("services", "list", "--enabled", names.project_flag, "--format=json"),
        create=(enable(services),),
        judge=judge,
        undo=always(),
        absent=lambda found: not found,
    )


def agent_steps(names: Names) -> Iterator[Step]:
    """The services' own accounts; a right cannot be given to one that was never made."""
    for service in names.agents:
        member = f"serviceAccount:{names.agent(service)}"
        create = ("beta", "services", "identity", "create")
        made = (*create, f"--service={service}.googleapis.com", names.project_flag)
        role = f"roles/{service}.serviceAgent"
        given = _project_resource(names, "add-iam-policy-binding", member, role)
        yield Step(
            key=f"agent/{service}",
            makes=f"the account that {service} acts as",
            why="Makes sure that it exists before rights are given to it.",
            look=("projects", "get-iam-policy", names.project, "--format=json"),
            create=(made,),
            judge=_judge_agent(service, member, role, (made, given)),
            undo=always(),
            absent=lambda _found: False,
        )


def _judge_agent(service: str, member: str, role: str, mend: tuple[Command, ...]) -> Any:  # noqa: ANN401 — Step.judge says its type
    def judge(found: Any, fill: Fill) -> tuple[Difference, ...]:  # noqa: ANN401 — JSON
        wanted = fill(member)
        for binding in (found or {}).get("bindings", []):
            if binding["role"] == role and wanted in binding.get("members", []):
                return ()
        return (Difference(f"{service}: expected {wanted} to exist and hold {role}", mend),)

    return judge


def _project_resource(names: Names, verb: str, member: str, role: str) -> Command:
    flags = (f"--member={member}", f"--role={role}", "--condition=None")
    return ("projects", verb, names.project, *flags)


def account_steps(names: Names) -> Iterator[Step]:
    """One service account per function source, and three for calling and building them."""
    for role, why in ACCOUNTS.items():
        yield _account_step(names, role, why)


def _account_step(names: Names, role: str, why: str) -> Step:
    email, title = names.account(role), f"{names.deployment} {role}"

    def command(verb: str, *words: str, target: str = email) -> Command:
        return ("iam", "service-accounts", verb, target, *words, names.project_flag)

    name = f"--display-name={title}"
    settings = (
        Setting(path="displayName", expected=title, mend=("update", name)),
        Setting(path="disabled", expected=False, read=bool, mend=("enable",)),
    )
    return Step(
        key=f"account/{role}",
        makes=f"service account {email}",
        why=why,
        look=command("describe", "--format=json"),
        create=(command("create", name, target=email.partition("@")[0]),),
        judge=judge_settings(
            f"service account {email}", settings, lambda words: (command(*words),)
        ),
        undo=always(command("delete")),
    )


def role_steps(names: Names) -> Iterator[Step]:
    """Roles that hold exactly what the functions call."""
    for role, (why, permissions) in CUSTOM_ROLES.items():
        yield _role_step(names, role, why, sorted(permissions))


def _role_step(names: Names, role: str, why: str, allowed: list[str]) -> Step:
    role_id, title = names.custom_role_id(role), f"{names.deployment} {role}"

    def command(verb: str, *words: str) -> Command:
        return ("iam", "roles", verb, role_id, *words, names.project_flag)

    flags = (f"--title={title}", f"--permissions={','.join(allowed)}", "--stage=GA")
    update = ("update", *flags)
    settings = (
        # A role that was removed stays for a week and keeps its id from being used again.
        Setting(path="deleted", expected=False, read=bool, mend=("undelete",)),
        Setting(path="title", expected=title, mend=update),
        Setting(path="stage", expected="GA", mend=update),
        Setting(
            path="includedPermissions",
            expected=allowed,
            read=lambda found: sorted(found or []),
            mend=update,
        ),
    )
    return Step(
        key=f"role/{role}",
        makes=f"role {role_id} with {len(allowed)} permissions",
        why=why,
        look=command("describe", "--format=json"),
        create=(command("create", *flags),),
        judge=judge_settings(f"role {role_id}", settings, lambda words: (command(*words),)),
        undo=lambda found, _fill: () if found.get("deleted") else (command("delete"),),
    )


def project_policy_step(names: Names) -> Step:
    """Rights that can only be given on the project."""
    project = Resource(
        key="project",
        name=f"project {names.project}",
        group=("projects",),
        target=(names.project,),
        says_condition=True,
    )
    why = "Jobs, models, event reception and builds have no smaller place to be allowed in."
    return policy_step(project, grants.project_grants(names), ours=ours(names), why=why)


def account_policy_steps(names: Names) -> Iterator[Step]:
    """The launcher's right to hand the jobs' accounts to jobs."""
    config = names.config
    found = dict.fromkeys((config.tuning_service_account, *config.allowed_service_accounts))
    for email in filter(None, found):
        resource = Resource(
            key=f"account/{email}",
            name=f"service account {email}",
            group=("iam", "service-accounts"),
            target=(email, names.project_flag),
        )
        why = "A job may run as an account only if whoever creates the job may act as it."
        yield policy_step(resource, grants.job_account_grants(names), ours=ours(names), why=why)


def key_policy_steps(names: Names) -> Iterator[Step]:
    """The services' right to use the encryption key."""
    if names.config.kms_key:
        resource = Resource(
            key="key",
            name=f"key {names.config.kms_key}",
            group=("kms", "keys"),
            target=(names.config.kms_key, names.project_flag),
        )
        why = "Buckets, topics and jobs are encrypted by the services that keep them."
        yield policy_step(resource, grants.key_grants(names), ours=ours(names), why=why)
