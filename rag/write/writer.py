"""An answer in a language model's words: every sentence anchored to exact spans and checked before anybody sees it.

What does not pass is written once more from its own evidence, else a sentence of the articles takes its place, else it
is dropped. What the offline answer says first, and every side where sources differ, is there in any case.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import asdict, dataclass
from itertools import islice

from index.errors import ModelCallError
from index.store import Store
from rag.answers import Outcome, Writing
from rag.check import Checker
from rag.cite import Draft, Evidence
from rag.cores import checking, cores
from rag.failures import OFFER
from rag.rerank import CrossEncoder
from rag.retrieve import Passage
from rag.settings import Settings
from rag.stop import Stop
from rag.usage import Message
from rag.write import prompt
from rag.write.anchor import anchored, speaker_of
from rag.write.calls import Calls
from rag.write.plan import Checked, Plan, repeats
from rag.write.reply import Reader, Written, declined

MOST_SENTENCES = 8
"""Sentences of one reply; the call is ended after them."""

MOST_REPEATED = 3
"""Sentences said again, word for word, after which the model is taken to have lost itself; the call is ended."""

MOST_MENDED = 4
"""Sentences of one reply that are written once more."""

AT_ONCE = 3
"""Calls at the same time for sentences that are mended, beside the reply."""

LONGEST_MENDED = 120
"""Tokens of a mended sentence."""

BEARS = 0.0
"""Least logit of the cross-encoder for a written sentence: above it a text more likely answers than not."""

Pending = Checked | Future[Checked]


@dataclass(slots=True)
class Counts:
    """What became of the sentences that a model wrote; see `rag.answers.Writing`."""

    sentences: int = 0
    shown: int = 0
    rewritten: int = 0
    replaced: int = 0
    dropped: int = 0
    left_out: int = 0
    unknown_ids: int = 0


class Writer:
    """Writes one answer.

    Args:
        store: where the passages are from.
        checker: decides about each sentence.
        calls: to the model that writes.
        settings: budgets and lengths.
        stop: ends the calls.
        plan: what the offline answer would be.

    Attributes:
        checked: the sentences so far in order, those that were dropped among them.
    """

    def __init__(
        self, store: Store, checker: Checker, calls: Calls, settings: Settings, stop: Stop, plan: Plan
    ) -> None:
        self.checked: list[Checked] = []
        self._store, self._checker, self._calls = store, checker, calls
        self._settings, self._stop, self._plan = settings, stop, plan
        self._counts = Counts()
        self._shown: list[Draft] = []
        self._mended = 0
        self._reason = ""
        self._broken = False
        self._model_seconds = self._gate_seconds = 0.0

    def sentences(self) -> Iterator[Checked]:
        """The sentences that passed, in order, each as soon as it and those before it are decided.

        Raises:
            ModelCallError: the model could not be asked, or failed before any sentence of its was finished.
        """
        try:
            yield from self._written()
        except ModelCallError as exc:
            raise ModelCallError(exc.state, f"{exc}; {OFFER}") from exc
        if not self._stop:
            yield from self._completed()

    def record(self) -> Writing:
        """What the model did, once the iteration ended."""
        usage, reason = self._calls.spending.usage, self._reason
        outcome: Outcome = "completed" if reason else "written"
        if not any(draft.written for draft in self._shown):
            outcome = "extractive"
        if self._stop:
            outcome, reason = "stopped", "stopped by the reader"
        return Writing(
            model=self._calls.model.name,
            prompt=prompt.prompt("write").version,
            outcome=outcome,
            reason=reason,
            **asdict(self._counts),
            calls=usage.calls,
            prompt_tokens=usage.prompt_tokens,
            completion_tokens=usage.completion_tokens,
            estimated=usage.estimated,
            cost=self._calls.spending.cost,
            model_ms=round(1000 * self._model_seconds, 1),
            gate_ms=round(1000 * self._gate_seconds, 1),
        )

    def _written(self) -> Iterator[Checked]:
        """The model's sentences that passed, mended ones and those in their place among them."""
        if self._stop:
            return
        given = self._given()
        messages = prompt.to_write(self._plan.question, given)
        reader = Reader(given)
        waiting: deque[Pending] = deque()
        with ThreadPoolExecutor(AT_ONCE, "mend") as pool:
            look = self._looker(given, pool)
            began = time.perf_counter()
            try:
                try:
                    yield from self._streamed(messages, reader, waiting, look)
                except ModelCallError as exc:
                    if not self._counts.sentences:
                        raise
                    self._reason, self._broken = str(exc), True
                self._model_seconds = time.perf_counter() - began
                yield from self._decided(waiting, wait=True)
            except BaseException:
                self._stop.set()  # before the pool waits for its calls
                raise
        if not self._counts.sentences:
            self._reason = "the model found no answer in the passages" if declined(reader.text) else "it wrote nothing"

    def _streamed(
        self, messages: Sequence[Message], reader: Reader, waiting: deque[Pending], look: Callable[[Written], Pending]
    ) -> Iterator[Checked]:
        """Those that are decided while the reply comes; the others wait."""
        with self._calls.streaming(messages, most=self._settings.model_reply) as stream:
            for piece in stream:
                waiting.extend(self._looked(look, reader.feed(piece)))
                yield from self._decided(waiting)
                if self._counts.sentences >= MOST_SENTENCES or reader.repeated >= MOST_REPEATED:
                    return
            if stream.finish == "stop":  # else the last sentence is half a one
                waiting.extend(self._looked(look, reader.end()))

    def _given(self) -> dict[str, Passage]:
        """The passages that fit, by their new ids. Raises ModelCallError ("context") where none does."""
        settings, plan = self._settings, self._plan
        fixed = sum(len(message["content"]) for message in prompt.to_write(plan.question, {})) // prompt.PACKED
        room = settings.model_context - settings.model_reply - fixed
        wanted = [span.key for draft, _ in plan.extracted for span in draft.evidence]
        passages = prompt.packed(plan.passages, wanted, room, settings.passages)
        if not passages:
            raise self._calls.model.fault("context", f"{settings.model_context} tokens")  # noqa: EM101 - a state
        texts = " ".join([plan.question, *(passage.chunk.text for passage in passages)])
        return dict(zip(prompt.fresh_ids(len(passages), texts), passages, strict=True))

    def _looker(self, given: dict[str, Passage], pool: ThreadPoolExecutor) -> Callable[[Written], Pending]:
        """What anchors and checks a sentence, and has it mended where it fails."""
        spans = {
            name: prompt.spans(passage, self._store.ledger.sentences(passage.article.id))
            for name, passage in given.items()
        }
        every = list(dict.fromkeys(span for some in spans.values() for span in some))

        def look(one: Written) -> Pending:
            self._counts.sentences += 1
            self._counts.unknown_ids += len(one.unknown)
            cited = list(dict.fromkeys(span for name in one.ids for span in spans[name]))
            found = self._anchored(one.text, cited or every)
            if found[1].label != "supported" and cited:
                # The right sentence under the wrong id: it is cited to, or mended from, the passage that says it.
                elsewhere = self._anchored(one.text, every)
                found = max(elsewhere, found, key=lambda it: (it[1].label == "supported", it[1].score))
            if found[1].label == "supported" or not found[0].evidence or self._mended >= MOST_MENDED:
                return found
            self._mended += 1
            return pool.submit(self._mend, found)

        return look

    def _looked(self, look: Callable[[Written], Pending], written: Iterator[Written]) -> Iterator[Pending]:
        """The next sentences, as far as an answer may have them."""
        yield from (look(one) for one in islice(written, MOST_SENTENCES - self._counts.sentences))

    def _anchored(self, text: str, spans: Sequence[Evidence]) -> Checked:
        with checking(self._checker):
            began = time.perf_counter()
            try:
                return anchored(self._store, self._checker, self._calls.model.masked(text), spans, self._plan.question)
            finally:
                self._gate_seconds += time.perf_counter() - began

    def _mend(self, failed: Checked) -> Checked:
        """The sentence as the model writes it from its own evidence; the failed one where that fails too."""
        draft = failed[0]
        if self._stop:
            return failed
        speaker = next(filter(None, (speaker_of(self._store, span) for span in draft.evidence)), None)
        try:
            messages = prompt.to_rewrite(draft.text, [span.quote for span in draft.evidence], speaker)
            reply = self._calls.complete(messages, most=LONGEST_MENDED)
        except ModelCallError:
            return failed  # what ails the server will show in the reply
        written = list(Reader(()).feed(f"{reply.text.strip()}\n"))
        if len(written) != 1 or reply.finish != "stop" or declined(reply.text):
            return failed
        mended = self._anchored(written[0].text, draft.evidence)
        return mended if mended[1].label == "supported" else failed

    def _decided(self, waiting: deque[Pending], *, wait: bool = False) -> Iterator[Checked]:
        """Those at the head that are decided, and are to be shown."""
        while waiting and not self._stop:
            head = waiting[0]
            if isinstance(head, Future) and not (wait or head.done()):
                return
            waiting.popleft()
            mended = isinstance(head, Future)
            yield from self._judged(head.result() if isinstance(head, Future) else head, mended=mended)

    def _judged(self, found: Checked, *, mended: bool) -> Iterator[Checked]:
        """Shown, replaced, dropped, or left out."""
        draft, verdict = found
        if verdict.label != "supported":
            self.checked.append(found)
            place = self._plan.instead_of(draft, self._shown)
            if place is None:
                self._counts.dropped += 1
                return
            self._counts.replaced += 1
            yield self._show(self._plan.extracted[place])
        elif repeats(draft, self._shown) or not self._bears(draft):
            self._counts.left_out += 1
        else:
            self._counts.rewritten += mended
            self._counts.shown += not mended
            yield self._show(found)

    def _show(self, found: Checked) -> Checked:
        self.checked.append(found)
        self._shown.append(found[0])
        return found

    def _bears(self, draft: Draft) -> bool:
        """Whether a sentence bears on the question."""
        with cores:
            began = time.perf_counter()
            score = CrossEncoder().score(self._plan.question, [f"{draft.evidence[0].article.title or ''} {draft.text}"])
            self._gate_seconds += time.perf_counter() - began
        return float(score[0]) >= BEARS

    def _completed(self) -> Iterator[Checked]:
        """The extracted sentences that the answer must not lack; all of them where too many of the model's fell."""
        counts, plan = self._counts, self._plan
        kept = counts.shown + counts.rewritten
        fell = not kept or 2 * kept < counts.sentences
        if fell and counts.sentences:
            self._reason = (
                self._reason or f"{counts.sentences - kept} of its {counts.sentences} sentences were not shown"
            )
        for place in range(len(plan.extracted)) if fell or self._broken else sorted(plan.needed):
            if not plan.covered(place, self._shown):
                self._reason = self._reason or "what answers best, or a side that differs, was missing"
                yield self._show(plan.extracted[place])
