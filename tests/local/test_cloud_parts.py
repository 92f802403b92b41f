"""The local cloud's parts one by one: ports, files, settings, endpoints."""

import socket
import sys

import pytest

from support.pubsub import Endpoint
from tunedrop.catalog import load_catalog
from tunedrop.config import Settings
from tunedrop.errors import UsageError
from tunedrop.local import deployment
from tunedrop.local.addresses import Addresses
from tunedrop.local.deployment import Options, Redelivery
from tunedrop.local.entry_points import ENTRY_POINTS, source_folder
from tunedrop.local.layout import Layout
from tunedrop.local.pubsub import PubSubServer
from tunedrop.local.wiring import Broker, push_subscriptions, readdress

ADDRESSES = {"vertex_address": "127.0.0.1:8085", "vertex_rest_address": "127.0.0.1:8086"}


@pytest.fixture
def layout(tmp_path):
    return Layout(tmp_path)


@pytest.fixture
def settings(layout):
    deployment.write_catalog(layout.catalog_file)
    return deployment.local_settings(Options(), layout, **ADDRESSES)


def listening(port=0):
    server = socket.socket()
    server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    server.bind(("127.0.0.1", port))
    server.listen()
    return server


@pytest.fixture
def addresses():
    made = []

    def make(given, remembered):
        made.append(Addresses(given, remembered))
        return made[-1]

    yield make
    for each in made:
        each.close()


def test_a_given_port_that_is_taken_is_refused_by_name(addresses):
    with listening() as server:
        port = server.getsockname()[1]

        with pytest.raises(UsageError, match=f"port {port} for storage"):
            addresses({"storage": port}, {}).take("storage")


def test_a_remembered_port_is_taken_again(addresses):
    first = addresses({}, {})
    port = first.take("storage")
    first.close()

    assert addresses({}, {"storage": port}).take("storage") == port


def test_a_remembered_port_that_is_taken_gives_way_to_a_free_one(addresses):
    with listening() as server:
        port = server.getsockname()[1]

        assert addresses({}, {"storage": port}).take("storage") not in {0, port}


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux lets a listener in beside")
def test_a_kept_port_lets_its_listener_in(addresses):
    port = addresses({}, {}).take("storage")

    with listening(port) as server:
        assert server.getsockname()[1] == port


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"ports": 3}', '{"ports": {"storage": "x"}}'])
def test_a_description_that_cannot_be_read_is_as_none(layout, content):
    layout.description_file.write_text(content)

    assert layout.remembered_ports() == {}


def test_the_shell_file_quotes_what_a_shell_would_change(layout):
    layout.describe({"TUNEDROP_X": "a b'$HOME"}, {"storage": 1})

    assert layout.shell_file.read_text() == "export TUNEDROP_X='a b'\"'\"'$HOME'\n"
    assert layout.remembered_ports() == {"storage": 1}


def test_the_functions_are_found_beside_the_package():
    folder = source_folder()

    assert (folder / "validator" / "main.py").is_file()


def test_a_folder_without_functions_is_refused_with_what_to_do(tmp_path):
    with pytest.raises(UsageError, match=r"launcher/main\.py, found none.*pip install -e"):
        source_folder(tmp_path)


def test_no_base_model_of_the_local_catalog_retires(settings, layout):
    catalog = load_catalog(layout.catalog_file)

    dates = {
        (entry.retirement.on, entry.retirement.not_before) for entry in catalog.entries.values()
    }
    assert catalog.names() == load_catalog().names() == set(settings.allowed_base_models)
    assert dates == {(None, None)}


def test_retirement_can_be_asked_for(layout):
    settings = deployment.local_settings(Options(retirement=True), layout, **ADDRESSES)

    assert settings.catalog_file == ""


def test_the_environment_builds_the_same_settings_again(settings, layout):
    variables = deployment.client_environment(
        settings, layout, storage_url="http://127.0.0.1:1", pubsub_address="127.0.0.1:2"
    )

    assert Settings.from_mapping(variables) == settings
    assert len(settings.allowed_regions) == 13


def test_settings_can_be_chosen(layout):
    options = Options(deployment="other", settings={"locked_fields": ("tuning.epochs",)})
    settings = deployment.local_settings(options, layout, **ADDRESSES)

    assert settings.locked_fields == ("tuning.epochs",)
    assert settings.topic("events") == "projects/local-project/topics/other-events"
    assert settings.intake_bucket == "other-intake"


def test_functions_inherit_nothing_of_another_deployment_or_a_real_account(monkeypatch):
    monkeypatch.setenv("TUNEDROP_MAX_USD_PER_RUN", "5")
    monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", "/real.json")
    monkeypatch.setenv("CLOUDSDK_CORE_PROJECT", "real")
    monkeypatch.setenv("LANG", "C.UTF-8")
    found = deployment.function_environment(Options(), {"TUNEDROP_PROJECT": "local-project"})

    ours = {k: v for k, v in found.items() if k.startswith(("TUNEDROP_", "CLOUDSDK_", "GOOGLE_"))}
    assert (ours, found["LANG"]) == ({"TUNEDROP_PROJECT": "local-project"}, "C.UTF-8")


def test_a_proxy_is_kept_away_from_loopback(settings, layout, monkeypatch):
    monkeypatch.setenv("HTTP_PROXY", "http://proxy.example:3128")
    monkeypatch.setenv("NO_PROXY", "intern.example")
    found = deployment.client_environment(
        settings, layout, storage_url="http://127.0.0.1:1", pubsub_address="127.0.0.1:2"
    )

    assert found["NO_PROXY"] == found["no_proxy"] == "intern.example,127.0.0.1,localhost"


def test_kept_subscriptions_get_the_endpoints_of_this_start_before_anything_is_pushed(
    settings, tmp_path
):
    with Endpoint() as stale, Endpoint() as fresh:
        stale.otherwise = 500
        with PubSubServer(tmp_path) as server, Broker(server.address) as broker:
            broker.set_up(settings, subscriptions_to(settings, stale))
            broker.publish(settings.topic("launches"), b"kept", {})
            stale.wait_for(1)
        pushed_before = len(stale.requests)
        readdress(tmp_path, subscriptions_to(settings, fresh))
        with PubSubServer(tmp_path):
            (request,) = fresh.wait_for(1)

    assert len(stale.requests) == pushed_before
    assert request.path == "/projects/local-project/topics/tunedrop-launches?pubsub_trigger=true"


def subscriptions_to(settings, endpoint):
    ports = dict.fromkeys((entry_point.name for entry_point in ENTRY_POINTS), endpoint.port)
    return push_subscriptions(settings, ports, Redelivery())
