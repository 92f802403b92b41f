"""The catalog: every entry complete and sourced, overrides by field, and the way past a retirement."""

import tomllib
from datetime import date

import pytest
from msgspec import structs

from tunedrop.catalog import BUILT_IN, load_catalog
from tunedrop.catalog_entries import CatalogEntry
from tunedrop.errors import ConfigError, RecipeError

TODAY = date(2026, 11, 23)
CATALOG = load_catalog()
BISON = sorted(name for name in CATALOG.names() if "bison" in name)
GEMINI = sorted(name for name in CATALOG.names() if name.startswith("gemini"))


@pytest.fixture
def override(tmp_path):
    def write(text):
        path = tmp_path / "ours.toml"
        path.write_text(text, encoding="utf-8")
        return path

    return write


def test_all_base_models_of_the_source_document_are_there():
    expected = {
        f"{task}-bison{size}"
        for task in ("code", "codechat", "text", "chat")
        for size in ("@002", "-32k")
    }

    assert expected == set(BISON)


@pytest.mark.parametrize("name", sorted(CATALOG.names()))
def test_every_group_of_facts_names_its_source_and_day(name):
    entry = CATALOG.find(name)
    groups = [getattr(entry, field) for field in CatalogEntry.__struct_fields__ if field != "name"]

    assert all(group.source and group.as_of <= TODAY for group in groups if group is not None)


@pytest.mark.parametrize("name", BISON)
def test_bison_models_go_through_pipelines_and_retired_in_april_2025(name):
    entry = CATALOG.find(name)

    assert "pipeline_job" == entry.interface.backend
    assert date(2025, 4, 9) == entry.retirement.on
    assert 13 == len(entry.regions.tuning)


@pytest.mark.parametrize(
    ("name", "template", "dataset_format"),
    [
        ("code-bison@002", "tune-large-model/v3.0.0", "code-generation"),
        ("code-bison-32k", "tune-large-model/v3.0.0", "code-generation"),
        ("text-bison@002", "tune-large-model/v2.0.0", "code-generation"),
        ("text-bison-32k", "tune-large-model/v2.0.0", "code-generation"),
        ("codechat-bison@002", "tune-large-chat-model/v3.0.0", "code-chat"),
        ("codechat-bison-32k", "tune-large-chat-model/v3.0.0", "code-chat"),
        ("chat-bison@002", "tune-large-chat-model/v3.0.0", "code-chat"),
        ("chat-bison-32k", "tune-large-chat-model/v3.0.0", "code-chat"),
    ],
)
def test_each_bison_model_has_its_template_and_format(name, template, dataset_format):
    interface = CATALOG.find(name).interface

    base = "https://us-kfp.pkg.dev/ml-pipeline/large-language-model-pipelines/"
    assert base + template == interface.template_uri
    assert dataset_format == interface.dataset_format


@pytest.mark.parametrize("name", GEMINI)
def test_gemini_models_go_through_tuning_jobs_and_always_say_their_epochs(name):
    entry = CATALOG.find(name)

    assert "tuning_job" == entry.interface.backend
    assert "gemini" == entry.interface.dataset_format
    assert 3 == entry.defaults.epochs
    assert 131_072 == entry.dataset.tokens_per_example


@pytest.mark.parametrize(
    ("name", "price", "cmek", "sizes"),
    [
        ("gemini-3.5-flash", 10.0, False, (1, 2, 4, 8, 16)),
        ("gemini-3.5-flash-lite", None, False, (1, 2, 4, 8, 16)),
        ("gemini-3.1-flash-lite", 3.0, False, (1, 2, 4, 8, 16)),
        ("gemini-2.5-pro", 25.0, True, (1, 2, 4, 8)),
        ("gemini-2.5-flash", 5.0, True, (1, 2, 4, 8, 16)),
        ("gemini-2.5-flash-lite", 1.5, True, (1, 2, 4, 8, 16)),
    ],
)
def test_gemini_models_differ_in_price_key_and_adapters(name, price, cmek, sizes):
    entry = CATALOG.find(name)

    assert price == entry.price.usd_per_million_training_tokens
    assert cmek == entry.encryption.supported
    assert sizes == entry.adapters.sizes


def test_what_a_call_costs_is_said_whole_or_not_at_all(override):
    path = override(
        "[base_models.'gemini-2.5-pro'.price]\nusd_per_million_input_tokens = 1\n"
        'source = "ours"\nas_of = 2026-11-23\n'
    )
    price = CATALOG.find("gemini-3.5-flash").price

    assert (2.25, 13.5) == (price.usd_per_million_input_tokens, price.usd_per_million_output_tokens)
    with pytest.raises(ConfigError, match="belong together"):
        load_catalog(path)


def test_an_unconfirmed_base_model_says_so():
    assert "unconfirmed" in CATALOG.find("gemini-3.5-flash-lite").interface.source


def test_an_unknown_base_model_is_refused_with_the_nearest_name():
    with pytest.raises(RecipeError, match=r"did you mean 'gemini-3\.5-flash'") as caught:
        CATALOG.find("gemini-3.5-flsh", where="r.toml: base_model")

    assert "unknown_base_model" == caught.value.code
    assert "r.toml: base_model" == caught.value.problems[0].where


def test_a_living_base_model_is_tuned_as_it_is():
    route = CATALOG.route("gemini-3.5-flash", "refuse", TODAY)

    assert ("gemini-3.5-flash", "gemini-3.5-flash") == (route.entry.name, route.requested.name)
    assert not route.rerouted
    assert () == route.notes


def test_a_retired_base_model_is_refused_with_its_replacement_and_both_ways_out():
    with pytest.raises(RecipeError) as caught:
        CATALOG.route("code-bison@002", "refuse", TODAY)

    remedy = caught.value.problems[0].remedy
    assert "base_model_retired" == caught.value.code == caught.value.problems[0].code
    assert all(word in remedy for word in ("gemini-3.5-flash", '"reroute"', '"try"'))


def test_rerouting_leads_to_the_replacement_and_says_so():
    route = CATALOG.route("codechat-bison@002", "reroute", TODAY)

    assert ("gemini-3.5-flash", "codechat-bison@002") == (route.entry.name, route.requested.name)
    assert ["rerouted"] == [note.code for note in route.notes]


def test_rerouting_passes_by_replacements_that_have_retired_too():
    later = date(2025, 4, 9)
    chain = {
        "a": _retired("a", later, "b"),
        "b": _retired("b", later, "gemini-3.5-flash"),
        "gemini-3.5-flash": CATALOG.find("gemini-3.5-flash"),
    }

    assert "gemini-3.5-flash" == type(CATALOG)(chain).route("a", "reroute", TODAY).entry.name


def test_replacements_in_a_circle_are_refused_and_not_followed_for_ever():
    day = date(2025, 4, 9)
    catalog = type(CATALOG)({"a": _retired("a", day, "b"), "b": _retired("b", day, "a")})

    with pytest.raises(RecipeError, match="name another base model"):
        catalog.route("a", "reroute", TODAY)


def test_trying_keeps_the_retired_base_model():
    route = CATALOG.route("code-bison@002", "try", TODAY)

    assert "code-bison@002" == route.entry.name
    assert ["retired_base_model_tried"] == [note.code for note in route.notes]


@pytest.mark.parametrize(
    ("day", "retired"),
    [(date(2025, 4, 8), False), (date(2025, 4, 9), True)],
    ids=["the day before", "the day itself"],
)
def test_a_base_model_is_retired_from_its_day_on(day, retired):
    assert retired == CATALOG.find("code-bison@002").is_retired(day)


@pytest.mark.parametrize(
    ("name", "today", "words"),
    [
        ("code-bison@002", date(2025, 2, 1), "retires on 2025-04-09"),
        ("gemini-3.5-flash", date(2027, 4, 1), "may retire from 2027-05-19"),
    ],
)
def test_a_retirement_within_three_months_is_noted(name, today, words):
    (note,) = CATALOG.route(name, "refuse", today).notes

    assert "base_model_retires_soon" == note.code
    assert words in note.text


def test_a_deployment_changes_one_figure_and_keeps_the_others(override):
    path = override(
        """
        [base_models."gemini-2.5-flash".retirement]
        on = 2027-01-31
        source = "letter from our account manager"
        as_of = 2026-11-01
        """
    )

    retirement = load_catalog(path).find("gemini-2.5-flash").retirement

    assert date(2027, 1, 31) == retirement.on
    assert "gemini-3.5-flash" == retirement.replacement
    assert retirement.source.startswith("letter from our account manager; otherwise Google")
    assert date(2026, 10, 5) == retirement.as_of


def test_a_deployment_clears_a_retirement_date_with_an_empty_string(override):
    path = override(
        """
        [base_models."code-bison@002".retirement]
        on = ""
        source = "our stand-in serves it"
        as_of = 2026-11-01
        """
    )

    assert (
        "code-bison@002" == load_catalog(path).route("code-bison@002", "refuse", TODAY).entry.name
    )


def test_a_deployment_adds_an_entry_from_families_of_the_built_in_file(override):
    path = override(
        """
        [base_models."gemini-9-flash"]
        families = ["gemini", "gemini-3"]
        price = { usd_per_million_training_tokens = 1.0, source = "us", as_of = 2026-11-01 }
        retirement = { source = "us", as_of = 2026-11-01 }
        """
    )

    catalog = load_catalog(path)

    assert CATALOG.names() | {"gemini-9-flash"} == catalog.names()
    assert (1, 2, 4, 8, 16) == catalog.find("gemini-9-flash").adapters.sizes


@pytest.mark.parametrize(
    ("text", "words"),
    [
        pytest.param("x = [", "readable TOML", id="no TOML"),
        pytest.param("prices = {}", "prices: expected only base_models", id="another table"),
        pytest.param("base_models = 3", "base_models: expected a table", id="no table"),
        pytest.param(
            '[base_models."code-bison@002".price]\nusd_per_run = 1.0',
            "code-bison@002: price: expected source and as_of",
            id="a figure without its source",
        ),
        pytest.param(
            '[base_models."code-bison@002".price]\nusd_per_run = -1.0\nsource="s"\nas_of=2026-01-01',
            "code-bison@002: price.usd_per_run: expected a number >= 0.0, found -1.0",
            id="a figure out of bounds",
        ),
        pytest.param(
            '[base_models."code-bison@002".price]\nusd = 1.0\nsource="s"\nas_of=2026-01-01',
            "code-bison@002: price.usd: expected a known field; use one of as_of, source, usd_per",
            id="an unknown figure",
        ),
        pytest.param(
            '[base_models.mine]\nfamilies = ["palms"]',
            "mine: families: 'palms' is not a family",
            id="an unknown family",
        ),
        pytest.param(
            '[base_models."code-bison@002".retirement]\nreplacement="x"\nsource="s"\nas_of=2026-01-01',
            "code-bison@002: retirement.replacement: 'x' is not in the catalog",
            id="a replacement that does not exist",
        ),
        pytest.param(
            '[base_models."gemini-3.5-flash".defaults]\nepochs=""\nsource="s"\nas_of=2026-01-01',
            "gemini-3.5-flash: entry: defaults.epochs is required",
            id="a tuning job that leaves its epochs to the service",
        ),
        pytest.param(
            '[base_models."code-bison@002".compute]\ndefault_accelerator="CPU"\nsource="s"\nas_of=2026-01-01',
            "code-bison@002: compute: default_accelerator is none",
            id="a default that cannot be chosen",
        ),
        pytest.param(
            '[base_models."code-bison@002".interface]\ntemplate_uri=""\nsource="s"\nas_of=2026-01-01',
            "code-bison@002: interface: template_uri belongs",
            id="a pipeline without a template",
        ),
    ],
)
def test_a_faulty_override_names_file_entry_and_field(override, text, words):
    path = override(text)

    with pytest.raises(ConfigError) as caught:
        load_catalog(path)

    assert str(path) in str(caught.value)
    assert words in str(caught.value)


@pytest.mark.parametrize(
    ("fact", "words"),
    [
        ("price.usd_per_run = inf", "expected a finite number, found inf"),
        ("price.usd_per_run = nan", "expected a finite number, found nan"),
        (f"price.usd_per_run = 1{'0' * 400}", "expected a number, found a huge number"),
        ("evaluation.min_examples = 0", "expected a whole number >= 1, found 0"),
        ("evaluation.min_examples = 1.0", "expected a whole number, found 1.0"),
        ("evaluation.max_examples = true", "expected a whole number, found true"),
        ("encryption.supported = 'yes'", "expected true or false, found 'yes'"),
        ("encryption.regions = 'us'", "expected an array, found 'us'"),
        ("retirement.on = '2026-01-01'", "expected a date, found '2026-01-01'"),
        ("retirement.on = 2026-01-01T00:00:00", "expected a date, found 2026-01-01 00:00:00"),
        ("retirement.replacement = {}", "expected a text, found a table"),
        ("dataset.counted = 'authers'", "expected one of 'examples', 'authors', found 'authers'"),
    ],
)
def test_a_value_is_taken_for_nothing_that_it_is_not(override, fact, words):
    field = fact.split(" =")[0]
    group = field.split(".")[0]
    origin = f"{group}.source = 's'\n{group}.as_of = 2026-01-01"

    with pytest.raises(ConfigError) as caught:
        load_catalog(override(f'[base_models."code-bison@002"]\n{fact}\n{origin}'))

    assert f"code-bison@002: {field}: {words}" in str(caught.value)


def test_all_faults_of_a_file_are_told_together(override):
    path = override(
        """
        [base_models."code-bison@002"]
        price = { usd_per_run = -1.0, usd_per_rum = 1.0, source = "s", as_of = "today" }
        regions = { tuning = ["us-central1", 3], serving = "here", source = "s", as_of = 2026-01-01 }
        interface = { backend = "tuning_job", source = "s", as_of = 2026-01-01 }
        compute = { accelerators = { CPU = { batch_size = 0 } }, source = "s", as_of = 2026-01-01 }
        quotas = { source = "s", as_of = 2026-01-01 }
        [base_models.mine]
        families = ["gemini", "gemini-3"]
        retirement = 3
        """
    )

    with pytest.raises(ConfigError) as caught:
        load_catalog(path)

    told = [line.removeprefix(f"{path}: ") for line in str(caught.value).splitlines()]
    accelerator = "code-bison@002: compute.accelerators.CPU"
    servings = "'upload_region', 'tuning_region', 'multi_region'"
    assert {
        "code-bison@002: price.as_of: expected a date, found 'today'",
        "code-bison@002: price.usd_per_run: expected a number >= 0.0, found -1.0",
        "code-bison@002: price.usd_per_rum: expected a known field; did you mean 'usd_per_run'?",
        "code-bison@002: regions.tuning.1: expected a text, found 3",
        f"code-bison@002: regions.serving: expected one of {servings}, found 'here'",
        "code-bison@002: interface: template_uri belongs to the backend pipeline_job, and only to it",
        f"{accelerator}.hardware: expected a value, found nothing",
        f"{accelerator}.compute_region: expected a value, found nothing",
        f"{accelerator}.batch_size: expected a whole number >= 1, found 0",
        f"{accelerator}.quota_name: expected a value, found nothing",
        f"{accelerator}.quota_multiple: expected a value, found nothing",
        "code-bison@002: quotas: expected a known field; did you mean 'quota'?",
        "mine: price: expected a value, found nothing",
        "mine: retirement: expected a table, found 3",
    } == set(told)
    assert len(told) == len(set(told))


def test_a_missing_override_is_named(tmp_path):
    with pytest.raises(ConfigError, match=r"none\.toml"):
        load_catalog(tmp_path / "none.toml")


def test_the_built_in_file_gives_each_table_its_own_source():
    document = tomllib.loads(BUILT_IN.read_text(encoding="utf-8"))
    unsourced = [
        f"{name}.{group}"
        for tables in document.values()
        for name, body in tables.items()
        for group, facts in body.items()
        if group != "families" and not {"source", "as_of"} <= facts.keys()
    ]

    assert [] == unsourced


def _retired(name, day, replacement):
    entry = CATALOG.find("code-bison@002")
    retirement = structs.replace(entry.retirement, on=day, replacement=replacement)
    return structs.replace(entry, name=name, retirement=retirement)
