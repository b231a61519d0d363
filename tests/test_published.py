"""Adapters of published verifiers, over stand-ins with the signatures of the packages, which are not installed here."""
# ruff: noqa: ARG002 - the stand-ins have every parameter of what they stand for

from __future__ import annotations

import os
import sys
from types import ModuleType, SimpleNamespace

import pytest

from index.errors import ModelError
from rag.answers import Label
from rag.check import Claim, Verdict, published
from rag.check.configured import configured
from rag.check.published import ADAPTERS, BATCH, adapter
from rag.settings import Settings

TRUE = Claim("The port closed.", ("The port closed on Monday.", "It rained."), "What closed?")
FALSE = Claim("The port opened.", ("The port closed on Monday.",))
UNCITED = Claim("The port closed.", ())
KINDS = list(ADAPTERS)


@pytest.fixture(autouse=True)
def _fresh(monkeypatch):
    """No adapter of another test, none of the packages, and the variable as a user finds it: not set."""
    published._adapter.cache_clear()
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    monkeypatch.delenv("HF_HUB_OFFLINE")
    for name in [name for name in sys.modules if name.split(".")[0] in {"huggingface_hub", "transformers"}]:
        monkeypatch.delitem(sys.modules, name)


def module(monkeypatch, name, **contents):
    """Puts a module with these contents where an import finds it, with its parents."""
    parts = name.split(".")
    for end in range(1, len(parts) + 1):
        path = ".".join(parts[:end])
        if path not in sys.modules or end == len(parts):
            monkeypatch.setitem(sys.modules, path, ModuleType(path))
    vars(sys.modules[name]).update(contents)


def follows(document, text):
    """What the stand-ins believe: a text follows where its last word is in the document."""
    return text.rstrip(".").split()[-1] in document


@pytest.fixture
def seen():
    return []


@pytest.fixture
def lettucedetect(monkeypatch, seen):
    class HallucinationDetector:
        def __init__(self, method: str = "transformer", **kwargs):
            seen.append((method, kwargs, os.environ.get("HF_HUB_OFFLINE")))

        def predict(self, context: list[str], answer: str, question: str | None = None, output_format: str = "tokens"):
            seen.append((context, answer, question, output_format))
            assert output_format == "tokens"
            document = " ".join(context)
            words = [w if i == 0 else f" {w}" for i, w in enumerate(answer.rstrip(".").split())]
            return [
                {"token": w, "pred": int(w.strip() not in document), "prob": 0.1 if w.strip() in document else 0.8}
                for w in words
            ]

    module(monkeypatch, "lettucedetect.models.inference", HallucinationDetector=HallucinationDetector)


@pytest.fixture
def hhem(monkeypatch, seen):
    class Model:
        def predict(self, text_pairs):
            seen.append(text_pairs)
            return [0.9 if follows(premise, hypothesis) else 0.2 for premise, hypothesis in text_pairs]

    def loads(what, result):
        def from_pretrained(name, **kwargs):
            seen.append((what, name, kwargs))
            return result

        return SimpleNamespace(from_pretrained=from_pretrained)

    module(
        monkeypatch,
        "transformers",
        AutoConfig=loads("config", SimpleNamespace(foundation="google/flan-t5-base")),
        AutoTokenizer=loads("tokenizer", object()),
        AutoModelForSequenceClassification=loads("model", Model()),
    )


@pytest.fixture
def minicheck(monkeypatch, seen):
    class MiniCheck:
        def __init__(
            self, model_name="Bespoke-MiniCheck-7B", max_model_len=None, batch_size=16, device="cpu", cache_dir=None,
            tensor_parallel_size=1, max_tokens=1, enable_prefix_caching=False,
        ) -> None:  # fmt: skip
            assert model_name in ["roberta-large", "deberta-v3-large", "flan-t5-large", "Bespoke-MiniCheck-7B"]
            seen.append(model_name)

        def score(self, docs: list[str], claims: list[str], chunk_size=None):
            seen.append((docs, claims))
            probs = [0.9 if follows(doc, claim) else 0.2 for doc, claim in zip(docs, claims, strict=True)]
            return [int(prob > 0.5) for prob in probs], probs, docs, [[prob] for prob in probs]

    module(monkeypatch, "minicheck.minicheck", MiniCheck=MiniCheck)


@pytest.fixture
def installed(lettucedetect, hhem, minicheck):
    """All three stand-ins."""


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.usefixtures("installed")
def test_claims_get_their_verdicts_in_order(kind):
    verdicts = adapter(kind).check([FALSE, UNCITED, TRUE, FALSE])
    assert [v.label for v in verdicts] == ["unsupported", "unsupported", "supported", "unsupported"]
    assert [v.score >= 0.5 for v in verdicts] == [False, False, True, False]
    assert verdicts[1] == Verdict("unsupported", 0.0, "no citation")
    assert verdicts[0].reason
    assert verdicts[2].reason == ""


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.usefixtures("installed")
def test_nothing_is_loaded_before_a_claim_with_evidence_comes(seen, kind):
    assert adapter(kind).check([UNCITED])[0].label == "unsupported"
    assert adapter(kind).check([]) == []
    assert seen == []


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.usefixtures("installed")
def test_a_model_is_loaded_once(seen, kind):
    adapter(kind).check([TRUE])
    first = len(seen)
    adapter(kind).check([TRUE])
    assert len(seen) == first + 1


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.usefixtures("installed")
def test_many_claims_come_back_one_for_one(kind):
    claims = [TRUE, FALSE, FALSE] * BATCH
    expected: list[Label] = ["supported", "unsupported", "unsupported"] * BATCH
    assert [verdict.label for verdict in adapter(kind).check(claims)] == expected


@pytest.mark.usefixtures("lettucedetect")
def test_lettucedetect_gets_the_spans_and_the_question_and_names_what_it_marks(seen):
    verdict, _ = adapter("lettucedetect", "my-model").check([FALSE, TRUE])
    assert seen[0] == ("transformer", {"model_path": "my-model", "local_files_only": True}, "1")
    assert seen[1] == (["The port closed on Monday."], "The port opened.", None, "tokens")
    assert seen[2][2] == "What closed?"
    assert (verdict.reason, round(verdict.score, 6)) == ("not in the evidence: opened", 0.2)


@pytest.mark.usefixtures("hhem")
def test_hhem_gets_evidence_first_and_its_tokenizer_is_looked_for(seen):
    adapter("hhem").check([TRUE])
    model = "vectara/hallucination_evaluation_model"
    assert seen == [
        ("config", model, {"trust_remote_code": True, "local_files_only": True}),
        ("tokenizer", "google/flan-t5-base", {"local_files_only": True}),
        ("model", model, {"trust_remote_code": True, "local_files_only": True}),
        [("The port closed on Monday.\nIt rained.", "The port closed.")],
    ]


@pytest.mark.usefixtures("minicheck")
def test_minicheck_gets_documents_and_claims(seen):
    adapter("minicheck").check([TRUE])
    assert seen == ["flan-t5-large", (["The port closed on Monday.\nIt rained."], ["The port closed."])]


@pytest.mark.parametrize("kind", KINDS)
def test_an_adapter_is_named_after_its_model(kind, tmp_path):
    assert adapter(kind).name == f"{kind}:{ADAPTERS[kind].default}"
    assert adapter(kind, "x/y").name == f"{kind}:x/y"
    (tmp_path / "mine").mkdir()
    assert adapter(kind, str(tmp_path / "mine")).name == f"{kind}:mine"


@pytest.mark.parametrize("kind", KINDS)
def test_the_settings_name_an_adapter(kind):
    assert configured(Settings(checker=kind)) is adapter(kind)
    assert configured(Settings(checker=f"{kind}:x")).name == f"{kind}:x"


# What cannot run


@pytest.mark.parametrize(
    ("kind", "remedy"),
    [
        ("lettucedetect", "pip install lettucedetect"),
        ("hhem", "pip install torch 'transformers<5'"),
        ("minicheck", r"pip install 'minicheck @ git\+https://github.com/Liyan06/MiniCheck.git@main'"),
    ],
)
def test_a_package_that_is_not_installed_is_named_with_its_command(monkeypatch, kind, remedy):
    for name in ("lettucedetect", "transformers", "minicheck"):
        monkeypatch.setitem(sys.modules, name, None)  # an import of it fails
    with pytest.raises(ModelError, match=remedy) as caught:
        adapter(kind).check([TRUE])
    assert "\n" not in str(caught.value)


def test_another_package_of_the_same_name_is_not_taken_for_minicheck(monkeypatch):
    module(monkeypatch, "minicheck", check_model=print)
    with pytest.raises(ModelError, match="on PyPI the name is another's"):
        adapter("minicheck").check([TRUE])


def missing(*_, **__):
    message = "we could not find the model in the cached files\nand more lines"
    raise OSError(message)


@pytest.mark.parametrize(
    ("kind", "home", "attribute"),
    [
        ("lettucedetect", "lettucedetect.models.inference", "HallucinationDetector"),
        ("hhem", "transformers", "AutoTokenizer"),
        ("minicheck", "minicheck.minicheck", "MiniCheck"),
    ],
)
@pytest.mark.usefixtures("installed")
def test_a_model_that_is_not_on_disk_is_named(monkeypatch, kind, home, attribute):
    broken = SimpleNamespace(from_pretrained=missing) if kind == "hhem" else missing
    monkeypatch.setattr(sys.modules[home], attribute, broken)
    with pytest.raises(ModelError, match="could not find the model") as caught:
        adapter(kind).check([TRUE])
    assert repr(ADAPTERS[kind].default) in str(caught.value)
    assert "HF_HUB_OFFLINE=0" in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.usefixtures("minicheck")
def test_a_name_that_minicheck_does_not_know_is_an_error():
    with pytest.raises(ModelError, match="'minicheck:gpt' cannot load"):
        adapter("minicheck", "gpt").check([TRUE])


@pytest.mark.usefixtures("hhem")
def test_a_model_that_gives_too_few_scores_is_an_error(monkeypatch):
    short = SimpleNamespace(from_pretrained=lambda *_, **__: SimpleNamespace(predict=lambda _: [0.9]))
    monkeypatch.setattr(sys.modules["transformers"], "AutoModelForSequenceClassification", short)
    with pytest.raises(ModelError, match="1 scores for 2 claims"):
        adapter("hhem").check([TRUE, FALSE])


# The network


@pytest.mark.usefixtures("lettucedetect")
def test_the_packages_are_kept_from_the_network_unless_the_user_allows_it(monkeypatch, seen):
    adapter("lettucedetect", "a").check([TRUE])
    assert os.environ["HF_HUB_OFFLINE"] == "1"
    monkeypatch.setenv("HF_HUB_OFFLINE", "0")
    adapter("lettucedetect", "b").check([TRUE])
    assert [entry[1]["local_files_only"] for entry in seen if isinstance(entry[1], dict)] == [True, False]


@pytest.mark.usefixtures("minicheck")
def test_packages_that_were_loaded_to_go_online_are_refused(monkeypatch, seen):
    module(monkeypatch, "huggingface_hub.constants", HF_HUB_OFFLINE=False)
    with pytest.raises(ModelError, match="set HF_HUB_OFFLINE to 1 before the start, or to 0 to allow it"):
        adapter("minicheck").check([TRUE])
    assert seen == []
