"""Steps for the five deployed entry points and the right to call them.

Knows functions; knows buckets and topics by name only.
"""

import json
import shlex
from collections.abc import Iterator, Mapping

from tunedrop.deadlines import REQUEST_TIMEOUT_SECONDS, SWEEP_PERIOD_SECONDS
from tunedrop.rights import SUBSCRIBER
from tunedrop.topology import BUCKETS, FUNCTIONS, NOTIFIERS, Function
from tunedrop_deploy_lib import grants
from tunedrop_deploy_lib.config import Config
from tunedrop_deploy_lib.gcloud import Command
from tunedrop_deploy_lib.identities import ours
from tunedrop_deploy_lib.names import BUILD, SETTINGS_FOLDER, Names
from tunedrop_deploy_lib.policies import Resource, policy_step
from tunedrop_deploy_lib.steps import (
    Grant,
    Setting,
    Step,
    always,
    as_seconds,
    as_text,
    judge_settings,
    only,
)

ENVIRONMENT_FILE = f"{SETTINGS_FOLDER}/environment.yaml"
CLIENT_FILE = f"{SETTINGS_FOLDER}/tunedrop.env"
"""The same variables for the command line, as `tunedrop --env-file` reads them."""
FINALIZED = "google.cloud.storage.object.v1.finalized"
SOURCE_LABEL = "tunedrop-source"


def environment(config: Config) -> dict[str, str]:
    """The variables of all five functions, as docs/settings.md lists them."""
    values = {
        "DEPLOYMENT": config.deployment,
        "PROJECT": config.project,
        "PROJECT_NUMBER": config.project_number,
        "REGION": config.region,
        **{f"{bucket.role.upper()}_BUCKET": config.bucket(bucket.role) for bucket in BUCKETS},
        "EXTRA_DATASET_BUCKETS": ",".join(config.dataset_buckets),
        "ALLOWED_REGIONS": ",".join(config.allowed_regions),
        "ALLOWED_BASE_MODELS": ",".join(config.allowed_base_models),
        "ALLOWED_SERVICE_ACCOUNTS": ",".join(config.allowed_service_accounts),
        "ALLOWED_ENCRYPTION_KEYS": ",".join(config.allowed_encryption_keys),
        "ALLOWED_TEMPLATES": ",".join(config.allowed_templates),
        "TENSORBOARD": config.tensorboard,
        "SERVICE_ACCOUNT": config.tuning_service_account,
        "ENCRYPTION_KEY": config.kms_key,
        "DEFAULT_BASE_MODELS": ",".join(
            f"{name}={model}" for name, model in sorted(config.default_base_models.items())
        ),
        "DEFAULT_RECIPE_FOLDERS": ",".join(config.default_recipe_folders),
        "LOCKED_FIELDS": ",".join(config.locked_fields),
        "MAX_USD_PER_RUN": _amount(config.max_usd_per_run),
        "MAX_USD_PER_DAY": _amount(config.max_usd_per_day),
        "MAX_CONCURRENT_JOBS": str(config.max_concurrent_jobs),
        "MAX_NEW_RUNS_PER_HOUR": str(config.max_new_runs_per_hour),
        "ALLOW_UNPRICED": str(config.allow_unpriced).lower(),
        "REPORT_EXCERPTS": str(config.report_excerpts).lower(),
        "TIMINGS": _timings(config),
    }
    return {f"TUNEDROP_{name}": value for name, value in values.items() if value}


def _amount(usd: float | None) -> str:
    return "" if usd is None else str(usd)


def _timings(config: Config) -> str:
    """How often the scheduler's tick comes, where that is not what the functions take it to be."""
    seconds = config.sweep_minutes * 60
    return "" if seconds == SWEEP_PERIOD_SECONDS else f"sweep_period_seconds={seconds}"


def function_steps(names: Names, digests: Mapping[str, str]) -> Iterator[Step]:
    """The five functions; `digests` tells by source what is deployed."""
    for function in FUNCTIONS:
        yield _function_step(names, function, digests[function.source])


def _function_step(names: Names, function: Function, digest: str) -> Step:
    target = names.function(function)
    at = ("--gen2", names.region_flag, names.project_flag)
    deploy = ("functions", "deploy", target, *at, *_deploy_flags(names, function, digest))
    variables = environment(names.config)
    return Step(
        key=f"function/{function.name}",
        makes=f"function {target}",
        why=function.why,
        look=("functions", "describe", target, *at, "--format=json"),
        create=(deploy,),
        # Always the whole command: a deploy that repeats the trigger without --retry turns retries off.
        judge=judge_settings(
            f"function {target}", tuple(_settings(names, function, digest)), lambda _: (deploy,)
        ),
        undo=always(("functions", "delete", target, *at)),
        monthly="free up to 2 million calls, 180,000 vCPU-seconds and 360,000 GiB-seconds of the billing account",
        files={
            ENVIRONMENT_FILE: json.dumps(variables, indent=2) + "\n",
            CLIENT_FILE: "".join(f"{k}={shlex.quote(v)}\n" for k, v in variables.items()),
        },
    )


def _deploy_flags(names: Names, function: Function, digest: str) -> Command:
    labels = f"{names.label_pairs},{SOURCE_LABEL}={digest}"
    return (
        f"--runtime={names.config.runtime}",
        f"--source={BUILD}/{function.source}",
        f"--entry-point={function.entry_point}",
        *_trigger_flags(names, function),
        f"--run-service-account={names.account(function.source)}",
        f"--build-service-account={_build_account(names)}",
        "--no-allow-unauthenticated",
        "--ingress-settings=internal-only",
        f"--memory={function.memory}",
        "--cpu=1",
        f"--concurrency={function.concurrency}",
        f"--timeout={REQUEST_TIMEOUT_SECONDS}s",
        f"--max-instances={names.config.max_instances}",
        f"--env-vars-file={ENVIRONMENT_FILE}",
        *_secret_flags(names, function),
        f"--update-labels={labels}",
    )


def _secret_flags(names: Names, function: Function) -> Command:
    # A deploy that says nothing of secrets would leave those of an earlier configuration.
    given = ",".join(f"{name}={value}" for name, value in secret_variables(names, function).items())
    return (f"--set-secrets={given}",) if given else ("--clear-secrets",)


def secret_variables(names: Names, function: Function) -> dict[str, str]:
    """The variables of a function that come from Secret Manager, each with its secret and version."""
    if names.config.webhook and function.source in NOTIFIERS:
        return {"TUNEDROP_WEBHOOK_URL": f"{names.webhook_secret}:latest"}
    return {}


def _build_account(names: Names) -> str:
    return f"projects/{names.project}/serviceAccounts/{names.account('build')}"


def _trigger_flags(names: Names, function: Function) -> Command:
    if function.topic:
        return ("--trigger-http",)
    return (
        f"--trigger-event-filters=type={FINALIZED}",
        f"--trigger-event-filters=bucket={names.bucket('intake')}",
        f"--trigger-location={names.config.bucket_location}",
        f"--trigger-service-account={names.account('trigger')}",
        "--retry",
    )


def _settings(names: Names, function: Function, digest: str) -> Iterator[Setting]:
    variables = environment(names.config)
    labels = names.labels | {SOURCE_LABEL: digest}
    for path, expected in {
        "state": "ACTIVE",
        "buildConfig.runtime": names.config.runtime,
        "buildConfig.entryPoint": function.entry_point,
        "buildConfig.serviceAccount": _build_account(names),
        "serviceConfig.serviceAccountEmail": names.account(function.source),
        "serviceConfig.ingressSettings": "ALLOW_INTERNAL_ONLY",
        "serviceConfig.availableMemory": function.memory,
    }.items():
        yield Setting(path=path, expected=expected)
    for path, value in {
        "serviceConfig.availableCpu": 1,
        "serviceConfig.maxInstanceRequestConcurrency": function.concurrency,
        "serviceConfig.maxInstanceCount": names.config.max_instances,
    }.items():
        yield Setting(path=path, expected=str(value), read=as_text)
    yield Setting(
        path="serviceConfig.timeoutSeconds", expected=str(REQUEST_TIMEOUT_SECONDS), read=as_seconds
    )
    yield Setting(
        path="serviceConfig.environmentVariables",
        expected=variables,
        read=lambda found: {k: v for k, v in (found or {}).items() if k.startswith("TUNEDROP_")},
    )
    yield Setting(
        path="serviceConfig.secretEnvironmentVariables",
        expected=secret_variables(names, function),
        read=lambda found: {one["key"]: f"{one['secret']}:{one['version']}" for one in found or []},
    )
    yield Setting(path="labels", expected=labels, read=only(tuple(labels)))
    if not function.topic:
        yield from _trigger_settings(names)


def _trigger_settings(names: Names) -> Iterator[Setting]:
    for path, expected in {
        "eventTrigger.eventType": FINALIZED,
        "eventTrigger.triggerRegion": names.config.bucket_location,
        "eventTrigger.serviceAccountEmail": names.account("trigger"),
        "eventTrigger.retryPolicy": "RETRY_POLICY_RETRY",
    }.items():
        yield Setting(path=path, expected=expected)
    yield Setting(
        path="eventTrigger.eventFilters",
        expected={"bucket": names.bucket("intake")},
        read=lambda found: {
            one["attribute"]: one["value"] for one in found or [] if one["attribute"] != "type"
        },
    )


def invoker_steps(names: Names) -> Iterator[Step]:
    """The right to call each function, held by one identity alone."""
    for function in FUNCTIONS:
        caller = "push" if function.topic else "trigger"
        grant = Grant(
            member=f"serviceAccount:{names.account(caller)}",
            role=grants.INVOKER,
            why="Calls the function.",
            holder=caller,
        )
        resource = Resource(
            key=f"function/{function.name}",
            name=f"service {names.function(function)}",
            group=("run", "services"),
            target=(names.function(function), names.region_flag, names.project_flag),
        )
        yield policy_step(
            resource,
            (grant,),
            ours=ours(names),
            exact=(grants.INVOKER,),
            why=f"Only {names.account(caller).partition('@')[0]} can call the function.",
        )


def subscriber_steps(names: Names) -> Iterator[Step]:
    """Pub/Sub's right to take messages out of our subscriptions, into the dead letters."""
    for function in FUNCTIONS:
        target = names.function(function) if function.topic else "${FINALIZED_SUBSCRIPTION}"
        resource = Resource(
            key=f"subscription/{function.name}",
            name=f"subscription {target}" if function.topic else "the trigger's subscription",
            group=("pubsub", "subscriptions"),
            target=(target, names.project_flag),
        )
        grant = Grant(
            member=f"serviceAccount:{names.agent('pubsub')}",
            role=SUBSCRIBER,
            why="Moves messages that go on failing to the dead letters.",
            holder="pubsub",
        )
        why = "Without it nothing ever reaches the dead letters."
        yield policy_step(resource, (grant,), ours=ours(names), why=why)
