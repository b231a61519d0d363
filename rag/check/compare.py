"""The rules for words: each compares one kind of fact of a claim with its evidence. Pure functions."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from difflib import SequenceMatcher

from rag.check.bindings import misbound, other_doer
from rag.check.compare_amounts import Finding, against, days, numbers, without
from rag.check.evidence import TITLE_KEYS, Evidence, Statement
from rag.check.facts import Word, near, quotes
from rag.check.lexicon import DENIAL_STEMS, NEUTRAL_SPEECH, OPPOSITE_OF, SPEECH, SYNONYM_OF, VOUCHING, stem
from rag.check.measures import CARDINALS, UNITS
from rag.check.stance import Telling

NEAR_VERBATIM = 0.8
SHORTEST_QUOTE = 8
SWEEPING = frozenset(("all", "every", "only", "always", "most", "entire", "both", "half"))
PLAIN_SPEECH = frozenset(
    stem(verb) for verb in ("say", "tell", "claim", "announce", "warn", "insist", "allege", "according")
)
NEUTRAL = frozenset(SYNONYM_OF.get(stem(verb), stem(verb)) for verb in NEUTRAL_SPEECH)
_VOUCHES = {stem(verb): frozenset(map(stem, verbs.split())) for verbs in VOUCHING for verb in verbs.split()}


Rule = Callable[[Statement, Sequence[Statement], Evidence], Iterator[Finding]]


def known_names(claim: Statement, _picked: Sequence[Statement], evidence: Evidence) -> Iterator[Finding]:
    """Each name must be in the evidence, whole or by a known short form."""
    for run, first in claim.names:
        row = tuple(t.key for t in run if t.text[0].isalpha() and t.low not in ("of", "de"))
        if evidence.knows(row) or (first and len(row) > 1 and evidence.knows(row[1:]) and not run[0].text.isupper()):
            continue
        if first and len(row) == 1 and not _is_subject(claim.tokens, run[0]):
            continue
        yield without(f"{' '.join(t.text for t in run)} is not in the evidence", 0.3, sure=True)


def _is_subject(tokens: list[Word], word: Word) -> bool:
    """Whether a verb seems to follow, so that a lone first word is what the sentence is about."""
    after = next((t for t in tokens if t.start >= word.end and t.text[0].isalnum()), None)
    return after is not None and (
        after.low in SPEECH or after.low in ("is", "was", "has", "had", "will") or after.low.endswith("ed")
    )


def _grounds(claim: Statement, picked: Sequence[Statement]) -> list[Statement]:
    """The picked sentences a good part of the claim rests on; the others only lend a word."""
    shared = [len(s.keys & claim.keys) for s in picked]
    return [s for i, s in enumerate(picked) if not i or shared[i] >= max(3, 0.25 * len(claim.keys))]


def polarity(claim: Statement, picked: Sequence[Statement], _evidence: Evidence) -> Iterator[Finding]:
    """What is negated or denied on one side must be so on the other."""
    open_ones = [(n, s) for s in picked for n in s.negations]
    grounds = _grounds(claim, picked)
    for mine in claim.negations:
        fits = [p for p in open_ones if p[0].head == mine.head]
        fits = fits or [p for p in open_ones if mine.head in p[0].scope or p[0].head in mine.scope]
        if fits:
            open_ones.remove(fits[0])
        elif mine.head in frozenset[str]().union(*(s.keys for s in picked)):
            yield against(f'the claim has "{mine.word}" where the evidence has not', 0.6)
        else:
            yield without(f'the evidence does not say "{mine.word}"')
    denied = frozenset[str]().union(*(n.scope for n in claim.negations))
    for theirs, where in open_ones:
        if theirs.head in ("onli", "just", "") or theirs.head in denied or where not in grounds:
            continue
        shared = theirs.scope & claim.keys
        plain = any(theirs.head in s.keys for s in picked if s is not where)
        if (theirs.head in claim.keys and not plain) or len(shared) >= max(2, len(claim.keys) / 2):
            yield against(f'the evidence has "{theirs.word}" where the claim has not', 0.6)


def opposites(claim: Statement, picked: Sequence[Statement], _evidence: Evidence) -> Iterator[Finding]:
    """A word must not stand where the evidence has its opposite."""
    for i, token in enumerate(claim.tokens):
        own = stem(token.low)
        others = OPPOSITE_OF.get(own)
        if not others:
            continue
        mine = {*near(claim.tokens, i + 1, 1, 2), *near(claim.tokens, i - 1, -1, 2)}
        for s in picked:
            if own in s.stems or token.key in s.keys or not others & s.stems:
                continue
            for j, word in enumerate(s.tokens):
                if _negated(claim, token) != _negated(s, word):
                    continue
                if stem(word.low) in others and mine & {*near(s.tokens, j + 1, 1, 2), *near(s.tokens, j - 1, -1, 2)}:
                    yield against(f'the claim says "{token.text}", the evidence "{word.text}"', sure=True)
                    break


def _negated(statement: Statement, word: Word) -> bool:
    return any(word.key == reach.head or word.key in reach.scope for reach in statement.negations)


def certainty(claim: Statement, picked: Sequence[Statement], evidence: Evidence) -> Iterator[Finding]:
    """What the evidence hedges must be hedged in the claim in the same way, and the other way round."""
    kinds = {h.kind for h in claim.hedges}
    for s in _grounds(claim, picked):
        for hedge in s.hedges:
            shared = len(hedge.scope & claim.keys)
            governs = (hedge.head in claim.keys) or shared >= max(2, 0.4 * len(claim.keys))
            if governs and hedge.kind not in kinds:
                yield without(f'the evidence says "{hedge.word}", the claim leaves it out', 0.95, sure=True)
    for hedge in claim.hedges:
        marked = hedge.kind in ("alleged", "planned", "tried") or hedge.word in ("could", "might", "may")
        if marked and not any(h.kind == hedge.kind for s in evidence.statements for h in s.hedges):
            yield without(f'the claim says "{hedge.word}", the evidence does not', 0.7)


def attribution(claim: Statement, picked: Sequence[Statement], _evidence: Evidence) -> Iterator[Finding]:
    """What somebody says in the evidence must be said by the same one in the claim."""
    for s in _grounds(claim, picked):
        plain = frozenset[str]().union(*(o.keys for o in picked if o is not s and not o.tellings))
        for telling in s.tellings:
            inside = (telling.told & claim.keys) - telling.speaker - plain
            if len(inside) < max(2, len((s.keys & claim.keys) - telling.speaker) / 2):
                continue
            who = " ".join(sorted(telling.speaker)) or "somebody"
            if not claim.tellings:
                # "Petro called for peace" names him, though with no verb of speech that we know.
                named = bool(telling.speaker) and telling.speaker <= claim.keys
                yield without(f"the evidence only says that {who} said so", 0.95, sure=not named)
                continue
            mine = [_speaker(t.speaker) for t in claim.tellings if t.told & inside]
            theirs = {_speaker(t.speaker) for t in s.tellings if inside <= t.told}
            if mine and all(mine) and all(theirs) and not any(a & b for a in mine for b in theirs):
                yield against(f"the evidence has another speaker than the claim: {who}", sure=True)
            break
    spoken = frozenset[str]().union(*(s.stems for s in picked))
    for mine_told in claim.tellings:
        verb = _verb(mine_told)
        if verb in PLAIN_SPEECH and not any(s.tellings for s in picked) and verb not in spoken:
            yield without(f'nobody in the evidence "{mine_told.verb}" this', 0.7)
        if verb in _VOUCHES and not _VOUCHES[verb] & spoken:
            yield without(f'the evidence does not say "{mine_told.verb}"', 0.9)


def _verb(telling: Telling) -> str:
    return stem(telling.verb.partition(" ")[0])


def implied(picked: Sequence[Statement]) -> frozenset[str]:
    """Keys of words of speech that need not stand in the evidence, for it has somebody say what it says."""
    tells = any(t.verb and _verb(t) not in DENIAL_STEMS for s in picked for t in s.tellings)
    return NEUTRAL if tells else frozenset()


def _speaker(keys: frozenset[str]) -> frozenset[str]:
    return keys - TITLE_KEYS or keys


def quoted(claim: Statement, _picked: Sequence[Statement], evidence: Evidence) -> Iterator[Finding]:
    """What stands in quotation marks must stand in the evidence to the letter."""
    for quote in quotes(claim.text):
        if len(quote) >= SHORTEST_QUOTE and quote.casefold() not in evidence.text:
            yield without(f'"{quote}" is not in the evidence to the letter', 0.5, sure=True)


def roles(claim: Statement, picked: Sequence[Statement], evidence: Evidence) -> Iterator[Finding]:
    """Who did it to whom must not be turned round."""
    theirs = {t for s in picked for t in s.triples}
    for a, verb, b in sorted(claim.triples):
        if (b, verb, a) in theirs and (a, verb, b) not in theirs:
            yield against(f"the evidence has {b} {verb} {a}, not the other way round", sure=True)
            return
    known = {key for name in evidence.names for key in name}
    best = [t.key for t in picked[0].tokens]
    for a, verb, _ in sorted(claim.triples):
        doers = {x for x, v, _ in picked[0].triples if v == verb}
        if a in known and doers and doers <= known and a not in doers and a not in best[: best.index(verb)]:
            yield without(f"the evidence has {' and '.join(sorted(doers))} {verb}, not {a}", 0.9)
            return


def edits(claim: Statement, picked: Sequence[Statement], evidence: Evidence) -> Iterator[Finding]:
    """A claim that is a sentence of the evidence but for a word or two must not change what the sentence says."""
    best = picked[0]
    left_out = implied([best])
    told = SPEECH if left_out else frozenset()
    mine = [t for t in _plain_words(claim) if t.key not in left_out]
    theirs = [t for t in _plain_words(best) if t.low not in told or stem(t.low) in claim.stems - left_out]
    matcher = SequenceMatcher(None, [_plain(t) for t in mine], [_plain(t) for t in theirs], autojunk=False)
    same = sum(block.size for block in matcher.get_matching_blocks())
    if same < NEAR_VERBATIM * len(mine):
        return
    hedged = {claim.tokens[q.at].start for q in claim.quantities if q.bound}
    for tag, a, b, c, d in matcher.get_opcodes():
        put, was = [t for t in mine[a:b] if t.content], [t for t in theirs[c:d] if t.content]
        if tag == "replace" and 0 < len(put) <= 2 and 0 < len(was) <= 2 and not any(t.start in hedged for t in put):
            reason = f'the claim has "{_text(put)}" where the evidence has "{_text(was)}"'
            sure = any(t.digits or t.text[0].isupper() for t in put) and any(
                t.digits or t.text[0].isupper() for t in was
            )
            yield against(reason, 0.5, sure=True) if sure else without(reason, 0.7, sure=True)
        elif tag == "delete" and (new := [t for t in put if t.key not in evidence.keys and not t.digits]):
            yield without(f'"{_text(new)}" is not in the evidence', 0.9, sure=True)


def _plain_words(statement: Statement) -> list[Word]:
    return [t for t in statement.tokens if t.text[0].isalnum() and t.low not in UNITS]


def _plain(token: Word) -> str:
    return str(CARDINALS.get(token.low, token.key))


def _text(tokens: Sequence[Word]) -> str:
    return " ".join(t.text for t in tokens)


def joins(claim: Statement, picked: Sequence[Statement], evidence: Evidence) -> Iterator[Finding]:
    """A name must go with the words it goes with in the evidence; "all" and "only" must stand there too."""
    for name, word in misbound(claim, picked, evidence):
        yield without(f'the evidence does not say "{word}" of {name}', 0.9)
    if pair := other_doer(claim, picked[0]):
        yield without(f'the evidence does not say "{pair[1]}" of {pair[0]}', 0.9)
    said = {t.low for s in picked for t in s.tokens}
    for token in claim.tokens:
        if token.low in SWEEPING and token.low not in said:
            yield without(f'the evidence does not say "{token.text}"', 0.9)


RULES: tuple[Rule, ...] = (
    numbers, days, known_names, polarity, opposites, certainty, attribution, quoted, roles, joins, edits,
)  # fmt: skip
