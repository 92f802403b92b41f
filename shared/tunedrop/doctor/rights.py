"""Judges every right that the deployment's tables give: in buckets, on topics, on the project, to call and to act.

Pure; the tables are `tunedrop.topology`'s. People's rights are not looked at: the settings do not name them.
"""

from collections.abc import Iterator

from tunedrop.doctor.lines import Facts, Line, Need, State, Verdict
from tunedrop.doctor.looks import trigger_subscription
from tunedrop.doctor.policies import Holding, Resource, judge_holding
from tunedrop.doctor.project import project_number
from tunedrop.doctor.subject import Subject
from tunedrop.rights import (
    PROJECT_RIGHTS,
    PUBLISHER,
    SUBSCRIBER,
    VIEWER,
    Right,
    bucket_rights,
    folder_condition,
    topic_rights,
)
from tunedrop.topology import ACCOUNTS, BUCKETS, FUNCTIONS, TOPICS, TUNING

_AGENTS = {"scheduler": "cloudscheduler", "pubsub-agent": "pubsub"}
_NO_PROJECT = Verdict(State.MISSING, "no such project", remedy="correct TUNEDROP_PROJECT")
_TUNING_AGENT = "the service's own agent runs the jobs"


def right_lines(subject: Subject, facts: Facts) -> Iterator[Line]:
    """Every right of the deployment's accounts and of the services that act for it."""
    examined = _Rights(subject, facts)
    yield from examined.in_buckets()
    yield from examined.on_topics()
    yield from examined.on_project()
    yield from examined.to_call()
    yield from examined.to_move_dead_letters()
    yield from examined.to_act()


class _Rights:
    """The rights of one deployment; each method is one kind of resource."""

    def __init__(self, subject: Subject, facts: Facts) -> None:
        self._subject = subject
        self._facts = facts
        self._number = project_number(subject, facts)

    def in_buckets(self) -> Iterator[Line]:
        for bucket in BUCKETS:
            name = self._subject.bucket(bucket.role)
            resource = Resource(("storage", "buckets"), (f"gs://{name}",), says_condition=True)
            for right in bucket_rights(bucket):
                if right.party == TUNING and not self._subject.settings.service_account:
                    yield self._need(right, f"bucket.{bucket.role}", f"gs://{name}").is_(
                        Verdict(State.NOT_NEEDED, _TUNING_AGENT)
                    )
                elif right.party == TUNING or right.party in ACCOUNTS:
                    yield self._line(right, f"bucket.{bucket.role}", f"gs://{name}", resource, name)
        yield from self._in_dataset_buckets()

    def _in_dataset_buckets(self) -> Iterator[Line]:
        right = Right("validator", VIEWER, "Reads datasets that requests name.")
        for name in self._subject.settings.extra_dataset_buckets:
            resource = Resource(("storage", "buckets"), (f"gs://{name}",), says_condition=True)
            yield self._line(right, f"dataset.{name}", f"gs://{name}", resource, name)

    def on_topics(self) -> Iterator[Line]:
        for topic in TOPICS:
            name = self._subject.settings.topic(topic.role).rpartition("/")[2]
            resource = Resource(("pubsub", "topics"), (name,))
            for right in topic_rights(topic):
                if right.party in ACCOUNTS or right.party in _AGENTS:
                    yield self._line(right, f"topic.{topic.role}", f"topic {name}", resource)

    def on_project(self) -> Iterator[Line]:
        project = self._subject.project
        resource = Resource(("projects",), (project,), says_condition=True)
        for right in PROJECT_RIGHTS:
            yield self._line(right, "project", f"project {project}", resource)
        right = Right("storage", PUBLISHER, "Announces new objects of the intake bucket.")
        need = self._need(right, "project", f"project {project}")
        agent = self._facts["storage-agent"]
        if agent.outcome != "seen":
            mend = (self._subject.gcloud("storage", "service-agent"),)
            none = Verdict(State.MISSING, "Cloud Storage has no account here", mend)
            yield need.if_seen(agent, none)
            return
        email = str(agent.value.get("email_address", ""))
        yield self._judged(need, "project", Holding(f"serviceAccount:{email}", PUBLISHER), resource)

    def to_call(self) -> Iterator[Line]:
        settings = self._subject.settings
        for function in FUNCTIONS:
            name = self._subject.function(function)
            flag = f"--region={settings.region}"
            resource = Resource(("run", "services"), (name, flag))
            caller = "push" if function.topic else "trigger"
            right = Right(caller, "roles/run.invoker", "Calls the function, which nobody else can.")
            yield self._line(right, f"service.{function.name}", f"service {name}", resource)

    def to_move_dead_letters(self) -> Iterator[Line]:
        why = "Moves messages that go on failing to the dead letters; without it none ever gets there."
        right = Right("pubsub-agent", SUBSCRIBER, why)
        for function in FUNCTIONS:
            name = self._subject.function(function)
            if not function.topic:
                name = trigger_subscription(self._facts).rpartition("/")[2]
            if name:
                resource = Resource(("pubsub", "subscriptions"), (name,))
                place = f"subscription.{function.name}"
                yield self._line(right, place, f"subscription {name}", resource)

    def to_act(self) -> Iterator[Line]:
        why = "A job may run as an account only if whoever creates the job may act as it."
        right = Right("launcher", "roles/iam.serviceAccountUser", why)
        for email in self._subject.job_accounts:
            resource = Resource(("iam", "service-accounts"), (email,))
            yield self._line(right, f"account.{email}", f"account {email}", resource)
        if not self._subject.job_accounts:
            need = self._need(right, "account", "the account of the jobs")
            yield need.is_(Verdict(State.NOT_NEEDED, _TUNING_AGENT))

    def _line(
        self, right: Right, place: str, where: str, resource: Resource, bucket: str = ""
    ) -> Line:
        need = self._need(right, place, where)
        member = self._member(right.party)
        if not member:
            return need.if_seen(self._facts["project"], _NO_PROJECT)
        condition, title = folder_condition(bucket, right.folders)
        holding = Holding(member, self._subject.role(right.role), condition, title)
        return self._judged(need, place, holding, resource)

    def _judged(self, need: Need, place: str, holding: Holding, resource: Resource) -> Line:
        key = f"policy/{place.replace('.', '/', 1)}"
        project = self._subject.project
        above = None if place == "project" else self._facts.value("policy/project")

        def judge(policy: object) -> Verdict:
            if policy is None:
                give = (resource.add(holding, project),)
                return Verdict(
                    State.MISSING, "there is nothing to hold it on", give, "make that first"
                )
            return judge_holding(policy, above, holding, resource, project)

        return need.seen_in(self._facts[key], judge)

    def _need(self, right: Right, place: str, where: str) -> Need:
        role = right.role.rpartition("/")[2]
        code = f"right.{place}.{right.party}.{role.rpartition('.')[2]}"
        only = f" in {', '.join(right.folders)}" if right.folders else ""
        return Need(code, f"{right.party}: {role} on {where}{only}", right.why)

    def _member(self, party: str) -> str:
        """As IAM writes it; empty where the project's number is not known."""
        if party in ACCOUNTS:
            return f"serviceAccount:{self._subject.account(party)}"
        if party == TUNING:
            return f"serviceAccount:{self._subject.settings.service_account}"
        number = self._number
        return f"serviceAccount:{self._subject.agent(_AGENTS[party], number)}" if number else ""
