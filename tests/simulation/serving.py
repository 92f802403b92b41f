"""The AI service's models, which take a while to be served, and their answers."""

from dataclasses import dataclass, field
from datetime import timedelta

from support.memory import START
from tunedrop.ai_ports import TunedModel
from tunedrop.errors import InvalidRequestError


@dataclass
class Serving:
    """`Models`: every tuned model exists, and a deployment takes its time."""

    scheduler: object
    draws: object
    labels: dict = field(default_factory=dict)
    deployed: dict = field(default_factory=dict)
    """Endpoint id to when it serves."""
    orders: list = field(default_factory=list)
    acting: str = ""

    def get(self, name):
        return TunedModel(
            name=name,
            version_id="1",
            display_name="m",
            labels=self.labels.get(name, {}),
            endpoints=(),
            created_at=START + timedelta(seconds=self.scheduler.now),
        )

    def list_tuned(self, *, location, base_model_label):
        return iter(())

    def annotate(self, name, *, labels, description):
        self.labels.setdefault(name, {}).update(labels)
        return self.get(name)

    def move_alias(self, alias, *, to, away_from=""):
        """Nobody looks at aliases here."""

    def ensure_endpoint(self, model, *, endpoint_id, labels, may_deploy):
        now = self.scheduler.now
        if endpoint_id not in self.deployed and may_deploy():
            self.orders.append((self.scheduler.now, endpoint_id, self.acting))
            self.deployed[endpoint_id] = now + self.draws.between(f"serve:{endpoint_id}", 1, 1500)
        ready = self.deployed.get(endpoint_id)
        place = model.name.rsplit("/", 2)[0]
        return f"{place}/endpoints/{endpoint_id}" if ready is not None and now >= ready else None


@dataclass
class Curves:
    """`Curves`: no job left any metrics."""

    def read(self, job, *, tensorboard):
        return ()


@dataclass
class Answers:
    """`Predictor`: most models answer."""

    draws: object
    silent: float
    """How often a model does not."""
    asked: int = 0

    def ask(self, target, instance, *, dataset_format):
        self.asked += 1
        if self.draws.share(f"ask:{target}") < self.silent:
            raise InvalidRequestError("this model answers no such question")
        return "an answer"
