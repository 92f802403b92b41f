"""The whole deployment as steps in the order in which they have to be made.

Knows the order; knows no gcloud.
"""

from collections.abc import Iterator
from pathlib import Path

from tunedrop_deploy_lib import (
    functions,
    identities,
    messages,
    observability,
    schedule,
    storage,
    webhook,
)
from tunedrop_deploy_lib.bundles import FUNCTIONS, Bundle, read_bundle, write_bundle
from tunedrop_deploy_lib.config import Config
from tunedrop_deploy_lib.gcloud import Fact
from tunedrop_deploy_lib.names import BUILD, Names
from tunedrop_deploy_lib.names import facts as facts_for
from tunedrop_deploy_lib.steps import Step


class Deployment:
    """One configuration and one source tree, as bundles, facts and steps."""

    def __init__(self, config: Config, root: Path) -> None:
        self.config = config
        self.root = root
        self.names = Names(config)
        self.bundles: tuple[Bundle, ...] = tuple(read_bundle(root, name) for name in FUNCTIONS)
        self.facts: dict[str, Fact] = facts_for(self.names)
        self.steps: tuple[Step, ...] = tuple(self._steps())

    def _steps(self) -> Iterator[Step]:
        names = self.names
        yield identities.apis_step(names)
        yield from identities.agent_steps(names)
        yield from identities.account_steps(names)
        yield from identities.role_steps(names)
        yield identities.project_policy_step(names)
        yield from identities.account_policy_steps(names)
        yield from webhook.agent_steps(names)
        yield from identities.key_policy_steps(names)
        yield from storage.bucket_steps(names)
        yield from storage.bucket_policy_steps(names)
        yield from messages.topic_steps(names)
        yield messages.dead_letter_step(names)
        yield schedule.sink_step(names)
        yield from observability.metric_steps(names)
        yield from messages.topic_policy_steps(names)
        yield messages.dead_letter_policy_step(names)
        yield from webhook.secret_steps(names)
        yield from functions.function_steps(names, {b.function: b.digest for b in self.bundles})
        yield from functions.invoker_steps(names)
        yield messages.finalized_subscription_step(names)
        yield from messages.push_steps(names)
        yield from functions.subscriber_steps(names)
        yield schedule.tick_step(names)
        yield from schedule.budget_steps(names)
        yield from observability.watch_steps(names)

    def stage(self) -> None:
        """Write the bundles, and the files that commands read, under `build/`."""
        for bundle in self.bundles:
            write_bundle(bundle, self.root / BUILD)
        for step in self.steps:
            for name, text in step.files.items():
                path = self.root / name
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(text, encoding="utf-8")
