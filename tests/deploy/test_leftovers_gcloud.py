"""The commands that `tunedrop leftovers` names, judged by gcloud itself."""

import pytest

from support.gcloud_lint import lint
from support.registering import LOCATION, load_failed, serving
from support.warm_gcloud import GCLOUD
from support.world import World
from tunedrop.leftovers import find

pytestmark = [
    pytest.mark.gcloud,
    pytest.mark.skipif(GCLOUD is None, reason="gcloud is not installed"),
]


def test_gcloud_knows_the_commands(tmp_path, warm):
    world = World()
    run = load_failed(world)
    serving(world, run, "", name=f"{LOCATION}/endpoints/made")
    serving(world, run, "one")

    lines = [each.command for each in find(world.services, world.vertex.models)]

    assert 2 == len(lines)
    assert [] == lint(lines, tmp_path, warm)
