"""Embedders: unit vectors in order, fingerprints that follow the vectors, servers and libraries that fail by name."""

import json
import sys
import threading
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from index.embed import BGE_EMBEDDER, MINILM_EMBEDDER, OpenAIEmbedder, SentenceTransformerEmbedder, by_name
from index.errors import ModelError

LOCAL = pytest.mark.parametrize("embedder", [MINILM_EMBEDDER, BGE_EMBEDDER], ids=lambda e: e.name)
NEWS = [
    "Colombian police seized two tons of cocaine.",
    "The central bank raised interest rates.",
    "A flood hit Valencia.",
]


@LOCAL
def test_vectors_have_unit_norm_and_384_dimensions(embedder):
    vectors = embedder.embed(NEWS)
    assert vectors.shape == (3, 384)
    assert vectors.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)


@LOCAL
@pytest.mark.parametrize(
    ("question", "nearest"),
    [("How much cocaine was found?", 0), ("What did the bank do to rates?", 1), ("Where was a flood?", 2)],
)
def test_a_question_is_nearest_to_the_sentence_that_answers_it(embedder, question, nearest):
    (asked,) = embedder.embed([question], query=True)
    assert int(np.argmax(embedder.embed(NEWS) @ asked)) == nearest


@LOCAL
def test_a_vector_does_not_depend_on_what_else_is_embedded(embedder):
    np.testing.assert_array_equal(embedder.embed([NEWS[0]])[0], embedder.embed(["x " * 400, NEWS[0], ""])[1])


@LOCAL
def test_blank_texts_have_finite_unit_vectors(embedder):
    np.testing.assert_allclose(np.linalg.norm(embedder.embed(["", "  \n\t", "\x00"]), axis=1), 1, atol=1e-5)


@LOCAL
def test_no_texts_give_an_array_without_rows(embedder):
    assert embedder.embed([]).shape == (0, 384)


@given(st.text(max_size=60))
@settings(max_examples=30, deadline=None, derandomize=True)
def test_any_text_has_a_unit_vector(text):
    assert np.linalg.norm(MINILM_EMBEDDER.embed([text])) == pytest.approx(1, abs=1e-5)


def test_text_beyond_the_limit_does_not_change_the_vector():
    start = "rates " * 254
    np.testing.assert_array_equal(MINILM_EMBEDDER.embed([start])[0], MINILM_EMBEDDER.embed([start + "flood " * 50])[0])


def test_bge_reads_questions_with_its_prefix_and_minilm_does_not():
    question = ["Who won?"]
    assert not np.allclose(BGE_EMBEDDER.embed(question, query=True), BGE_EMBEDDER.embed(question))
    np.testing.assert_array_equal(MINILM_EMBEDDER.embed(question, query=True), MINILM_EMBEDDER.embed(question))


def test_tokens_are_counted_without_control_tokens_and_without_a_limit():
    assert MINILM_EMBEDDER.count_tokens(["", "hello world", "a " * 5000]) == [0, 2, 5000]


@pytest.mark.parametrize(
    "change", [{"max_tokens": 128}, {"pooling": "first"}, {"query_prefix": "q: "}, {"weights": BGE_EMBEDDER.weights}]
)
def test_fingerprint_changes_with_whatever_changes_vectors(change):
    assert replace(MINILM_EMBEDDER, **change).fingerprint != MINILM_EMBEDDER.fingerprint


def test_fingerprint_starts_with_the_name_and_is_stable():
    assert MINILM_EMBEDDER.fingerprint.startswith("all-MiniLM-L6-v2-int8:")
    assert MINILM_EMBEDDER.fingerprint == replace(MINILM_EMBEDDER).fingerprint


@pytest.mark.parametrize(
    ("spec", "name"),
    [
        ("minilm", "all-MiniLM-L6-v2-int8"),
        ("bge-small", "bge-small-en-v1.5-int8"),
        ("openai:text-embedding-3-small@https://api.openai.com/v1", "openai:text-embedding-3-small"),
        ("openai:org/model@v2@http://localhost:8080/v1", "openai:org/model@v2"),
        ("st:BAAI/bge-m3", "st:BAAI/bge-m3"),
    ],
)
def test_by_name_gives_the_embedder_that_is_named(spec, name):
    assert by_name(spec).name == name


@pytest.mark.parametrize(
    "spec", ["", "MiniLM", "st:", "openai:", "openai:model", "openai:model@localhost:80", "openai:@http://x"]
)
def test_unknown_names_are_refused_with_what_is_known(spec):
    with pytest.raises(
        ModelError, match=r"unknown embedder .*'minilm', 'bge-small', 'openai:MODEL@BASE_URL' or 'st:MODEL'"
    ):
        by_name(spec)


def test_a_key_is_not_shown():
    assert "secret" not in repr(by_name("openai:m@http://localhost/v1", api_key="secret"))


class Server(BaseHTTPRequestHandler):
    """Speaks `/v1/embeddings`: a text's vector is (its length, 1)."""

    def do_POST(self):
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.seen.append((self.path, self.headers["Authorization"], body))
        status, vector = self.server.answer
        data = [{"object": "embedding", "index": i, "embedding": vector(t)} for i, t in enumerate(body["input"])]
        reply = {
            "object": "list",
            "model": body["model"],
            "data": data,
            "usage": {"prompt_tokens": 1, "total_tokens": 1},
        }
        if vector(".") is None:
            reply = self.server.page
        payload = json.dumps(reply if status == 200 else {"error": {"message": "model is loading"}}).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(payload)))
        self.end_headers()
        self.wfile.write(payload)

    def log_message(self, *_):
        pass


@pytest.fixture
def server():
    server = ThreadingHTTPServer(("127.0.0.1", 0), Server)
    server.seen, server.answer = [], (200, lambda text: [float(len(text)), 1.0])
    server.url = f"http://127.0.0.1:{server.server_port}/v1"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield server
    server.shutdown()
    server.server_close()
    thread.join()


def embedder_of(server, **changes):
    return replace(OpenAIEmbedder("tiny", server.url, retries=0, timeout=5), **changes)


def test_server_vectors_come_in_order_with_unit_norm(server):
    vectors = embedder_of(server, batch=2).embed(["a", "bbb", "cc"])
    expected = np.array([[1, 1], [3, 1], [2, 1]], np.float32)
    np.testing.assert_allclose(vectors, expected / np.linalg.norm(expected, axis=1, keepdims=True), rtol=1e-6)
    assert vectors.dtype == np.float32


def test_server_is_sent_the_model_the_key_and_batches(server):
    embedder_of(server, batch=2, api_key="k1").embed(["a", "b", "c"])
    assert {(path, key) for path, key, _ in server.seen} == {("/v1/embeddings", "Bearer k1")}
    assert [(body["model"], len(body["input"])) for *_, body in server.seen] == [("tiny", 2), ("tiny", 1)]


def test_server_is_not_sent_the_key_of_the_environment(server, monkeypatch):
    monkeypatch.setenv("OPENAI_API_KEY", "private")
    embedder_of(server).embed(["a"])
    assert "private" not in server.seen[0][1]


def test_server_is_never_sent_a_blank_text(server):
    vectors = embedder_of(server).embed(["", " \n"])
    assert np.isfinite(vectors).all()
    assert all(text.strip() for *_, body in server.seen for text in body["input"])


def test_server_on_this_machine_is_reached_despite_a_proxy(server, monkeypatch):
    for name in ("http_proxy", "HTTP_PROXY", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    assert embedder_of(server).embed(["a"]).shape == (1, 2)


def test_server_is_not_asked_about_nothing(server):
    assert embedder_of(server).embed([]).shape == (0, 0)
    assert server.seen == []


@pytest.mark.parametrize("status", [401, 404, 500])
def test_server_that_refuses_is_named_with_its_reason(server, status):
    server.answer = (status, lambda _: [])
    with pytest.raises(
        ModelError, match=rf"http://127\.0\.0\.1:\d+/v1' \(model 'tiny'\).*{status}.*model is loading.*correct its"
    ):
        embedder_of(server).embed(["a"])


def test_server_that_is_not_there_is_named():
    with pytest.raises(ModelError, match=r"'http://127\.0\.0\.1:9/v1'.*start it"):
        OpenAIEmbedder("tiny", "http://127.0.0.1:9/v1", retries=0, timeout=2).embed(["a"])


@pytest.mark.parametrize("vector", [[0.0, 0.0], [float("nan"), 1.0]])
def test_server_vector_without_a_direction_is_refused(server, vector):
    server.answer = (200, lambda _: vector)
    with pytest.raises(ModelError, match=r"gave a vector of length .* for text 0"):
        embedder_of(server).embed(["a"])


@pytest.mark.parametrize("page", ["<html>", {}, {"data": None}, {"data": []}, {"data": [{"index": 0}]}, [], None])
def test_server_that_speaks_something_else_is_named(server, page):
    server.answer, server.page = (200, lambda _: None), page
    with pytest.raises(ModelError, match="the embedding server at"):
        embedder_of(server).embed(["a"])


def test_server_vectors_of_unequal_length_are_refused(server):
    server.answer = (200, lambda text: [1.0] * len(text))
    with pytest.raises(ModelError, match="gave no vectors"):
        embedder_of(server).embed(["a", "bb"])


def test_sentence_transformers_that_is_not_installed_names_the_extra(monkeypatch):
    monkeypatch.setitem(sys.modules, "sentence_transformers", None)
    with pytest.raises(ModelError, match=r"st:any-model.*pip install 'sourcebound\[sentence-transformers\]'"):
        SentenceTransformerEmbedder("any-model").embed(["a"])


class Encoder:
    """What is used of `sentence_transformers.SentenceTransformer`; questions and documents differ in direction."""

    max_seq_length = 512

    def __init__(self, model):
        self.model = model

    def get_sentence_embedding_dimension(self):
        return 2

    def encode_query(self, texts, **_):
        return np.array([[0.0, 5.0]] * len(texts))

    def encode_document(self, texts, **_):
        return np.array([[3.0, 4.0]] * len(texts))


def test_sentence_transformers_vectors_are_unit_and_questions_read_as_questions(monkeypatch):
    monkeypatch.setitem(sys.modules, "sentence_transformers", SimpleNamespace(SentenceTransformer=Encoder))
    embedder = SentenceTransformerEmbedder("m")
    np.testing.assert_allclose(embedder.embed(["a"]), [[0.6, 0.8]], rtol=1e-6)
    np.testing.assert_allclose(embedder.embed(["a"], query=True), [[0.0, 1.0]])
    assert embedder.embed([]).shape == (0, 2)
