"""A deployment, the recorder, and the real gcloud between them."""

import os
from pathlib import Path

from support.recorder import environment
from support.recorder.given import give, give_secret
from tunedrop_deploy_lib.config_file import load_config
from tunedrop_deploy_lib.deployment import Deployment
from tunedrop_deploy_lib.gcloud import Gcloud
from tunedrop_deploy_lib.surveying import survey

ROOT = Path(__file__).parents[2]


class Bench:
    """A source tree of links with a build folder of its own, and a `Gcloud` that never rests.

    Args:
        text: The configuration's TOML.
        folder: Holds the tree and gcloud's own files.
        warm: A started `WarmGcloud`.
        recorder: A started `Recorder`.
    """

    def __init__(self, text, folder, warm, recorder):
        root = folder / "checkout"
        root.mkdir()
        for name in ("functions", "shared"):
            (root / name).symlink_to(ROOT / name)
        self.config = folder / "config.toml"
        self.config.write_text(text)
        self.deployment = Deployment(load_config(self.config), root)
        self.root, self.warm, self.recorder = root, warm, recorder
        self.environment = os.environ | environment(recorder, folder)
        self.names = self.deployment.names
        self.waits = []
        self.gcloud = Gcloud(
            self.deployment.facts, execute=self.run, sleep=self.waits.append, say=lambda _text: None
        )

    def run(self, arguments):
        return self.warm.execute(arguments, self.environment, self.root)

    def make(self):
        """Give what the configuration presumes, then run every `create` command in the plan's order."""
        give(self.recorder, self.deployment.config)
        self.deployment.stage()
        for step in self.deployment.steps:
            for command in step.create:
                self.gcloud.change(command)
            if step.key == "secret/webhook-value":
                give_secret(self.recorder, self.names.webhook_secret)

    def seen(self):
        self.gcloud.forget()
        return list(survey(self.deployment.steps, self.gcloud))

    def rights(self):
        """What the deployment's own accounts may do: places, roles and members."""
        return [
            (place, binding["role"], member)
            for place, policy in self.recorder.state["policies"].items()
            for binding in policy["bindings"]
            for member in binding["members"]
            if f"{self.names.deployment}-" in member
        ]

    def body(self, pattern):
        """The JSON of the only request whose line an expression is found in."""
        (request,) = self.recorder.calls(pattern)
        return request.body
