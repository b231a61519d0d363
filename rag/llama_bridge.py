"""Search and checked answers for programs built on llama-index: a retriever, a query engine and a node parser.

Everything is passed explicitly; llama-index's global Settings are neither read nor changed. This is the only module
that loads llama-index with itself, and nothing in Sourcebound imports this one.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import date
from typing import Any

from llama_index.core.base.base_query_engine import BaseQueryEngine
from llama_index.core.base.base_retriever import BaseRetriever
from llama_index.core.base.response.schema import Response
from llama_index.core.bridge.pydantic import Field
from llama_index.core.callbacks import CallbackManager
from llama_index.core.node_parser.interface import NodeParser
from llama_index.core.node_parser.node_utils import build_nodes_from_splits
from llama_index.core.schema import (
    BaseNode,
    Document,
    MetadataMode,
    NodeRelationship,
    NodeWithScore,
    QueryBundle,
    RelatedNodeInfo,
    TextNode,
)

from index.chunks import Chunking, chunk_spans
from index.filters import Filters
from index.sentences import sentence_spans
from index.store import Store
from rag.answers import Answer
from rag.ask import answer, retrieve_passages
from rag.settings import Settings

_NOT_FOR_MODELS = ["article_id", "source", "citation"]  # says nothing that an embedder or a language model could use


class SourceboundRetriever(BaseRetriever):  # type: ignore[misc] # llama-index's bases are not typed
    """The passages that an answer would be made from, as nodes, best first.

    A node's id is the chunk's (`ARTICLE_ID:START-END`), its text is `article.text[start_char_idx:end_char_idx]`, its
    source node is the article, its score is the fused one (0 to 1 within one question). Metadata that is not known is
    not there. Only the words of a `QueryBundle` are used, not an embedding that comes with it.

    Args:
        store: an open store; it must stay open.
        k: most nodes.
        filters: which articles may be seen; None for all.
        callback_manager: as in llama-index.

    Raises:
        QuestionError: from `retrieve`, when the question has no words or is too long.
    """

    def __init__(
        self,
        store: Store,
        k: int = 10,
        filters: Filters | None = None,
        callback_manager: CallbackManager | None = None,
    ) -> None:
        self._store = store
        self._k = k
        self._filters = filters
        super().__init__(callback_manager=callback_manager)

    def _retrieve(self, query_bundle: QueryBundle) -> list[NodeWithScore]:
        found = retrieve_passages(query_bundle.query_str, store=self._store, k=self._k, filters=self._filters)
        return [
            NodeWithScore(
                node=_node(
                    passage.chunk.text,
                    passage.article.id,
                    passage.chunk.start,
                    title=passage.article.title,
                    outlet=passage.article.outlet,
                    published=passage.article.published,
                    source=passage.article.source,
                ),
                score=passage.score,
            )
            for passage in found
        ]

    async def _aretrieve(self, query_bundle: QueryBundle) -> list[NodeWithScore]:
        return await asyncio.to_thread(self._retrieve, query_bundle)


class SourceboundQueryEngine(BaseQueryEngine):  # type: ignore[misc] # llama-index's bases are not typed
    """Checked, cited answers as llama-index responses.

    The response's text carries the marks; its source nodes are the cited spans, one a citation and in the order of the
    marks, with the support of the best sentence that cites them as score (0 to 1); its metadata is the whole answer as
    in `rag ask --json`. An abstention says so and has no source nodes, but those of
    sentences that lenient checking shows as unsupported.

    Args:
        store: an open store; it must stay open.
        since, until, outlets: as in `rag.ask.answer`.
        settings: as in `rag.ask.answer`.
        callback_manager: as in llama-index.

    Raises:
        QuestionError: from `query`, when the question or a filter cannot be used.
        ModelError: from `query`, when a model's file is missing or altered.
    """

    def __init__(
        self,
        store: Store,
        *,
        since: date | str | None = None,
        until: date | str | None = None,
        outlets: Sequence[str] = (),
        settings: Settings | None = None,
        callback_manager: CallbackManager | None = None,
    ) -> None:
        self._store = store
        self._limits: dict[str, Any] = {"since": since, "until": until, "outlets": outlets, "settings": settings}
        super().__init__(callback_manager=callback_manager)

    def _query(self, query_bundle: QueryBundle) -> Response:
        return _response(answer(query_bundle.query_str, store=self._store, **self._limits))

    async def _aquery(self, query_bundle: QueryBundle) -> Response:
        return await asyncio.to_thread(self._query, query_bundle)

    def _get_prompt_modules(self) -> dict[str, Any]:
        return {}  # answers are extracted: there is no prompt to look at or to change


class SentenceNodeParser(NodeParser):  # type: ignore[misc] # llama-index's bases are not typed
    """Cuts documents into whole sentences, as articles are cut here, with the exact span of every node.

    `document.text[node.start_char_idx:node.end_char_idx] == node.text`, and it is the place the node was cut from, also
    where the same words stand in the document twice: the span is counted, not searched for.

    Attributes:
        chunking: most characters of a node and of its overlap with the node before.
    """

    chunking: Chunking = Field(default_factory=Chunking, description="Size and overlap of nodes, in characters.")

    @classmethod
    def class_name(cls) -> str:
        """The name that llama-index stores with a pipeline."""
        return "SentenceNodeParser"

    def _parse_nodes(
        self,
        nodes: Sequence[BaseNode],
        show_progress: bool = False,  # noqa: ARG002 - cutting takes milliseconds
        **kwargs: Any,  # noqa: ANN401, ARG002 - the signature is llama-index's
    ) -> list[BaseNode]:
        return [piece for node in nodes for piece in self._pieces(node)]

    def _pieces(self, node: BaseNode) -> list[TextNode]:
        text = node.get_content(metadata_mode=MetadataMode.NONE)
        spans = chunk_spans(text, sentence_spans(text), self.chunking)
        pieces: list[TextNode] = build_nodes_from_splits(
            [text[start:end] for start, end in spans], node, id_func=self.id_func
        )
        for piece, (start, end) in zip(pieces, spans, strict=True):
            piece.start_char_idx, piece.end_char_idx = start, end
        return pieces

    def _postprocess_parsed_nodes(self, nodes: list[BaseNode], parent_doc_map: dict[str, Document]) -> list[BaseNode]:
        # The inherited step adds metadata and neighbours, and overwrites spans with where a search finds the words.
        spans = [(node.start_char_idx, node.end_char_idx) for node in nodes]
        processed: list[BaseNode] = super()._postprocess_parsed_nodes(nodes, parent_doc_map)
        for node, (start, end) in zip(processed, spans, strict=True):
            node.start_char_idx, node.end_char_idx = start, end
        return processed


def _response(result: Answer) -> Response:
    support = {
        number: max(sentence.support for sentence in result.sentences if number in sentence.citations)
        for number in {number for sentence in result.sentences for number in sentence.citations}
    }
    nodes = [
        NodeWithScore(
            node=_node(
                citation.quote,
                citation.article_id,
                citation.start,
                title=citation.title,
                outlet=citation.outlet,
                published=citation.published,
                source=citation.source,
                citation=citation.number,
            ),
            score=support[citation.number],
        )
        for citation in result.citations
    ]
    return Response(response=str(result), source_nodes=nodes, metadata=result.model_dump(mode="json"))


def _node(text: str, article_id: str, start: int, **metadata: str | int | date | None) -> TextNode:
    """A span of an article as a node; its id is that of a chunk with this span."""
    end = start + len(text)
    known = {
        name: value.isoformat() if isinstance(value, date) else value
        for name, value in metadata.items()
        if value is not None
    }
    return TextNode(
        id_=f"{article_id}:{start}-{end}",
        text=text,
        start_char_idx=start,
        end_char_idx=end,
        metadata={**known, "article_id": article_id},
        excluded_embed_metadata_keys=_NOT_FOR_MODELS,
        excluded_llm_metadata_keys=_NOT_FOR_MODELS,
        relationships={NodeRelationship.SOURCE: RelatedNodeInfo(node_id=article_id)},
    )
