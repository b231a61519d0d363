"""Asked questions in the forms that other evaluation tools read: result.json of a report -> RAGAS, DeepEval, TruLens.

The names of the fields are those of ragas 0.4.3, deepeval 4.3.1 and trulens 2.16.0, with which the files were read.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from eval.reports.cases import Case, read_result
from eval.samples import TOGETHER
from index.errors import SourceboundError
from rag.notices import Notice

_MARK = re.compile(r" \[\d+\]")


def export(report: Path, shape: str, out: Path) -> int:
    """Writes the questions of a report, with what was answered and what was expected, for another tool.

    The tools hold one question a sample and know neither citations nor verdicts. So a question of a conversation
    stands below the earlier ones, one a line; marks are taken out of the answer; the passages are those of retrieval,
    at most ten, best first; and what has no place (id, kind, scores, the citations) goes where the tool keeps metadata.

    Args:
        report: folder of `rag eval SUITE --report DIR`, or its result.json.
        shape: "ragas", "deepeval" or "trulens".
        out: folder to write to: `samples.jsonl` and, where questions have earlier ones, `conversations.jsonl` for
            `EvaluationDataset.from_jsonl` of RAGAS, which takes samples of one form at a time; `test_cases.json` for
            `add_goldens_from_json_file` and `add_test_cases_from_json_file` of DeepEval; `records.jsonl`, a row a line,
            for `add_dataframe` and `add_ground_truth_to_dataset` of TruLens.

    Returns:
        The exit code, 0.

    Raises:
        SourceboundError: the shape is none of these, the report has no questions, or a file cannot be read or written.
    """
    if shape not in _SHAPES:
        message = f"unknown shape {shape!r}: use {', '.join(map(repr, _SHAPES))}"
        raise SourceboundError(message)
    cases = read_result(report).questions
    if not cases:
        message = f"the report {str(report)!r} holds no questions: ask some, then export"
        raise SourceboundError(message)
    try:
        texts = _SHAPES[shape](cases)
        out.mkdir(parents=True, exist_ok=True)
        for name, text in texts.items():
            (out / name).write_text(text, "utf-8")
    except OSError as exc:
        message = f"cannot write to {str(out)!r}: {exc.strerror}; name another folder"
        raise SourceboundError(message) from exc
    sys.stdout.write(f"{len(cases)} questions in {', '.join(str(out / name) for name in texts)}\n")
    return 0


def reference(case: Case) -> str:
    """What a right answer says, as one text.

    The suite's own reference answer where it has one; else the gold quotes, all where they are wanted together and
    the first where each is enough; else the first accepted spelling of each group; of a question that the corpus does
    not answer, the sentence that says so.
    """
    expected = case.expected
    if expected.status == "abstained":
        return Notice.NOT_FOUND.value
    if expected.answers:
        return expected.answers[0]
    quotes = [gold.quote for gold in expected.gold]
    if quotes:
        return " ".join(quotes if case.kind in TOGETHER else quotes[:1])
    return "; ".join(group[0] for group in expected.accept)


def _input(case: Case) -> str:
    return "\n".join([*case.history, case.question])


def _response(case: Case) -> str:
    return _MARK.sub("", case.answer.text)


def _contexts(case: Case) -> list[str]:
    return [passage.text for passage in case.passages]


def _gold(case: Case) -> list[str]:
    return [gold.quote for gold in case.expected.gold]


def _metadata(case: Case) -> dict[str, Any]:
    answer = case.answer
    return {
        "id": case.id,
        "kind": case.kind,
        "split": case.split,
        "history": list(case.history),
        "expected_status": case.expected.status,
        "status": answer.status,
        "confidence": answer.confidence,
        "citations": [cited.model_dump(include={"article_id", "start", "end", "quote"}) for cited in answer.citations],
        "scores": dict(case.scores),
    }


def _ragas(cases: Sequence[Case]) -> dict[str, str]:
    samples = [
        {
            "user_input": _input(case),
            "retrieved_contexts": _contexts(case),
            "reference_contexts": _gold(case),
            # Of articles, not of passages: a gold span may stand in any of several passages.
            "retrieved_context_ids": [passage.article for passage in case.passages],
            "reference_context_ids": [gold.article for gold in case.expected.gold],
            "response": _response(case),
            "reference": reference(case),
        }
        for case in cases
    ]
    conversations = [
        {
            "user_input": [
                *({"type": "human", "content": text} for text in (*case.history, case.question)),
                {"type": "ai", "content": _response(case), "metadata": _metadata(case)},
            ],
            "reference": reference(case),
        }
        for case in cases
        if case.history
    ]
    found = {"samples.jsonl": _lines(samples), "conversations.jsonl": _lines(conversations)}
    return {name: text for name, text in found.items() if text}


def _deepeval(cases: Sequence[Case]) -> dict[str, str]:
    rows = [
        {
            "name": case.id,
            "input": _input(case),
            "actual_output": _response(case),
            "expected_output": reference(case),
            "retrieval_context": _contexts(case),
            "context": _gold(case),
            "additional_metadata": _metadata(case),
        }
        for case in cases
    ]
    return {"test_cases.json": json.dumps(rows, indent=1, ensure_ascii=False) + "\n"}


def _trulens(cases: Sequence[Case]) -> dict[str, str]:
    rows = [
        {
            "query": _input(case),
            "query_id": case.id,
            "response": _response(case),
            "contexts": _contexts(case),
            "expected_response": reference(case),
            "expected_chunks": [{"text": quote} for quote in _gold(case)],
            "meta": _metadata(case),
        }
        for case in cases
    ]
    return {"records.jsonl": _lines(rows)}


def _lines(rows: list[dict[str, Any]]) -> str:
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)


_SHAPES: Mapping[str, Callable[[Sequence[Case]], dict[str, str]]] = {
    "ragas": _ragas,
    "deepeval": _deepeval,
    "trulens": _trulens,
}
