"""Histories that failed once, kept as JSON and told again by a test."""

import json
from pathlib import Path

from simulation.decisions import Fault
from simulation.setups import Setup
from tunedrop.domain import naming

FOLDER = Path(__file__).with_name("histories")


def keep(judgement, folder=FOLDER):
    """Write down what it takes to tell a history again; the file."""
    setup = judgement.world.setup
    faults = {key: [fault.kind, fault.seconds] for key, fault in judgement.world.faults.met.items()}
    broken = sorted(judgement.names)
    folder.mkdir(exist_ok=True)
    path = folder / f"{naming.safe(f'seed {setup.seed} {broken}', 60)}.json"
    history = {"breaks": broken, "setup": setup.to_json(), "faults": faults}
    path.write_text(json.dumps(history, indent=1, sort_keys=True) + "\n")
    return path


def read(path):
    """The setup and the faults of a kept history."""
    history = json.loads(path.read_text())
    faults = {key: Fault(*fault) for key, fault in history["faults"].items()}
    return Setup.from_json(history["setup"]), faults
