"""Claims of several facts from claims of one, and how many of each kind there are."""

from __future__ import annotations

import random
import re
from collections import defaultdict
from collections.abc import Iterator, Sequence

from eval.train import judged
from eval.train.judged import NOT_ENOUGH, Example
from eval.train.restyle import inside

_LINKS = (", and ", ", while ", "; ", ". ", ". ", ", and ")
_CAUSES = (" because ", ", which is why ", ", so ", " as a result of the fact that ")


def joined(examples: Sequence[Example], rng: random.Random) -> Iterator[Example]:
    """Claims of several facts about one passage, with the evidence of each: all true, or one of them not."""
    by_group: dict[int, list[Example]] = defaultdict(list)
    for example in examples:
        whole = not re.search(r" in |elsewhere|mnli|cause", example.how)
        if whole and len(example.claim.split()) < 26:
            by_group[example.group].append(example)
    for group, members in sorted(by_group.items()):
        true = [e for e in members if not e.label]
        false = [e for e in members if e.label]
        for turn in range(min(6, len(true))):
            some = rng.sample(true, min(len(true), rng.choice((1, 2, 2, 3))))
            if turn % 2 and false:
                some = [*some[:2], rng.choice(false)]
            if alike([e.claim for e in some]):
                continue
            rng.shuffle(some)
            label = max(e.label for e in some)
            cause = not label and rng.random() < 0.15
            evidence = merged([e.evidence for e in some])
            if len(evidence.split()) < 125:
                how = " ".join(["cause" if cause else "joined", *(e.how for e in some)])
                claim = linked([e.claim for e in some], _CAUSES if cause else _LINKS, rng)
                yield Example(claim, evidence, NOT_ENOUGH if cause else label, how, group)


def alike(claims: Sequence[str]) -> bool:
    """Whether there is only one claim, or two of them share most of their longer words."""
    sets = [set(re.findall(r"\w{4,}", claim.lower())) for claim in claims]
    pairs = [(a, b) for k, a in enumerate(sets) for b in sets[k + 1 :]]
    return not pairs or any(len(a & b) > 0.6 * min(len(a), len(b)) for a, b in pairs)


def linked(claims: Sequence[str], links: Sequence[str], rng: random.Random) -> str:
    """The claims as one, in one or more sentences."""
    claim = claims[0]
    for said in claims[1:]:
        link = rng.choice(links)
        claim = claim.rstrip(".") + link + (said if link == ". " else inside(said))
    return claim


def merged(texts: Sequence[str]) -> str:
    """All texts, a sentence that several hold once."""
    return " ".join(dict.fromkeys(part for text in texts for part in judged.split(text)))


def level(examples: Sequence[Example], rng: random.Random, most: int) -> list[Example]:
    """At most so many of each kind and label that was made by rules, so that none outweighs the rest."""
    kinds: dict[tuple[str, bool], list[Example]] = defaultdict(list)
    for example in examples:
        if 4 <= len(example.claim.split()) <= 75 and len(example.evidence.split()) <= 150:
            how = example.how.split()[0] if example.how.startswith(("joined", "cause")) else example.how
            kinds[how, example.label > 0].append(example)
    kept = []
    for (how, _), some in sorted(kinds.items()):
        whole = how in ("fever", "mnli", "rte", "written", "snli", "conjnli") or how.startswith("written")
        kept += some if whole else rng.sample(some, min(len(some), 8 * most if how == "joined" else most))
    return kept
