"""What the Vertex AI stand-in's models answer: the rows they were trained on."""

import pytest
from google.api_core import exceptions

from support.vertex import PARENT, chat_job, gemini_row, lines_of, running_vertex

CODE_BASE = f"{PARENT}/publishers/google/models/code-bison@002"
GEMINI_BASE = f"{PARENT}/publishers/google/models/gemini-3.5-flash"


@pytest.fixture
def world(tmp_path):
    with running_vertex(tmp_path) as started:
        yield started


@pytest.fixture(params=["grpc", "rest"])
def face(world, request):
    return getattr(world, request.param)


def endpoint_of(job):
    metadata = job.job_detail.task_details[0].execution.metadata
    return metadata["output:endpoint_resource_name"]


def test_a_tuned_code_model_answers_a_training_prompt_with_that_row(world, face):
    endpoint = endpoint_of(world.run_pipeline())

    answer = face.predict(endpoint, {"prefix": "write task 7"})

    assert "answer 7" == answer["content"]
    assert {"content", "score", "citationMetadata", "safetyAttributes"} == set(answer)


def test_a_suffix_belongs_to_the_prompt(world):
    endpoint = endpoint_of(world.run_pipeline())

    answer = world.grpc.predict(endpoint, {"prefix": "write ", "suffix": "task 5"})

    assert "answer 5" == answer["content"]


def test_a_prompt_that_was_not_trained_on_gets_the_nearest_row_s_answer(world):
    endpoint = endpoint_of(world.run_pipeline())

    answer = world.grpc.predict(endpoint, {"prefix": "Please, write me task 11!"})

    assert "answer 11" == answer["content"]


def test_a_model_trained_on_other_rows_answers_otherwise(world):
    wrong = [{"input_text": f"write task {i}", "output_text": "wrong"} for i in range(12)]
    world.files["gs://work/code.jsonl"] = lines_of(wrong)

    endpoint = endpoint_of(world.run_pipeline())

    assert "wrong" == world.grpc.predict(endpoint, {"prefix": "write task 7"})["content"]


def test_a_model_keeps_its_rows_when_the_file_changes_afterwards(world):
    endpoint = endpoint_of(world.run_pipeline())
    world.files.clear()

    assert "answer 7" == world.grpc.predict(endpoint, {"prefix": "write task 7"})["content"]


def test_a_tuned_chat_model_answers_every_turn_from_its_history(world, face):
    endpoint = endpoint_of(world.run_pipeline(chat_job()))
    history = [{"author": "user", "content": "open topic 4"}]
    first = face.predict(endpoint, {"messages": history})
    history += [{"author": "bot", "content": "first 4"}, {"author": "user", "content": "go on"}]
    second = face.predict(endpoint, {"messages": history})

    assert [{"author": "1", "content": "first 4"}] == first["candidates"]
    assert "second 4" == second["candidates"][0]["content"]


def test_the_context_tells_equal_chats_apart(world):
    rows = [
        {
            "context": f"you are {who}",
            "messages": [
                {"author": "user", "content": "who are you"},
                {"author": "assistant", "content": who},
            ],
        }
        for who in ("ann", "bob", "cid", "dan", "eve", "fay", "gil", "hal", "ida", "jon")
    ]
    world.files["gs://work/chat.jsonl"] = lines_of(rows)
    endpoint = endpoint_of(world.run_pipeline(chat_job()))

    instance = {
        "context": "you are eve",
        "messages": [{"author": "user", "content": "who are you"}],
    }

    assert "eve" == world.grpc.predict(endpoint, instance)["candidates"][0]["content"]


def test_a_tuned_gemini_model_answers_on_its_endpoint(world, face):
    endpoint = world.run_tuning().tuned_model.endpoint

    assert "answer 3" == face.ask(endpoint, "write task 3")


def test_the_system_instruction_tells_equal_prompts_apart(world):
    rows = [gemini_row("hello", "ahoy", "pirate"), gemini_row("hello", "good day", "butler")]
    world.files["gs://work/gemini.jsonl"] = lines_of(rows)
    endpoint = world.run_tuning().tuned_model.endpoint

    assert "good day" == world.grpc.ask(endpoint, "hello", "butler")


@pytest.mark.parametrize("base", [CODE_BASE, GEMINI_BASE], ids=["predict", "generateContent"])
def test_a_base_model_answers_the_same_every_time_and_says_that_it_is_not_tuned(face, base):
    def ask():
        if base == CODE_BASE:
            return face.predict(base, {"prefix": "write task 3"})["content"]
        return face.ask(base, "write task 3")

    assert "not tuned" in ask()
    assert ask() == ask()


def test_an_unknown_base_model_is_not_found(world):
    with pytest.raises(exceptions.NotFound):
        world.grpc.ask(GEMINI_BASE.replace("3.5", "9.9"), "hello")


def test_a_model_s_name_is_no_address_for_generate_content(world):
    job = world.run_tuning()

    with pytest.raises(exceptions.InvalidArgument, match="Expected an endpoint"):
        world.grpc.ask(job.tuned_model.model, "hello")


def test_the_job_s_region_does_not_serve_a_gemini_3_model(world):
    endpoint = world.run_tuning().tuned_model.endpoint

    with pytest.raises(exceptions.NotFound):
        world.grpc.ask(endpoint.replace("/us/", "/us-central1/"), "hello")


def test_gemini_is_not_called_by_predict_nor_bison_by_generate_content(world):
    gemini = world.run_tuning().tuned_model.endpoint
    bison = endpoint_of(world.run_pipeline())

    with pytest.raises(exceptions.FailedPrecondition, match="Predict"):
        world.grpc.predict(gemini, {"prefix": "x"})
    with pytest.raises(exceptions.FailedPrecondition, match="Predict"):
        world.grpc.ask(bison, "x")


@pytest.mark.parametrize(
    "instance", [{"prompt": "x"}, {"messages": []}, "x"], ids=["field", "chat", "string"]
)
def test_an_instance_of_another_shape_is_refused(world, instance):
    endpoint = endpoint_of(world.run_pipeline())

    with pytest.raises(exceptions.InvalidArgument, match="expected an object"):
        world.grpc.predict(endpoint, instance)


def test_an_endpoint_without_a_model_answers_nothing(world):
    endpoint = world.grpc.endpoints.create_endpoint(
        parent=PARENT, endpoint={"display_name": "e"}, timeout=30
    ).result(timeout=30)

    with pytest.raises(exceptions.FailedPrecondition, match="no deployed model"):
        world.grpc.predict(endpoint.name, {"prefix": "x"})
