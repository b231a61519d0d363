"""A checker of plain rules: compares the facts of a claim with those of its evidence. No model, no network."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

from rag.answers import Label
from rag.check import Claim, Verdict
from rag.check.evidence import TITLE_KEYS, Evidence, Statement
from rag.check.facts import Quantity, Word, fold, near, quotes
from rag.check.lexicon import CARDINALS, OPPOSITE_OF, SPEECH, stem

ENOUGH_WORDS = 0.75
NEAR_VERBATIM = 0.8
SHORTEST_QUOTE = 8
PLAIN_SPEECH = frozenset(stem(verb) for verb in ("say", "tell", "claim", "announce", "warn", "insist", "allege", "according"))


@dataclass(frozen=True, slots=True)
class Finding:
    """What one rule objects to: the label it asks for, why, and what is left of the score (0 to 1)."""

    label: Label
    reason: str
    keeps: float


Rule = Callable[[Statement, Sequence[Statement], Evidence], Iterator[Finding]]


def _against(reason: str, keeps: float = 0.4) -> Finding:
    return Finding("contradicted", reason, keeps)


def _without(reason: str, keeps: float = 0.6) -> Finding:
    return Finding("unsupported", reason, keeps)


def _bound_fits(claim: str, evidence: str) -> bool:
    weaker = {"~": ("", "~<"), ">=": ("", ">"), "<=": ("", "<", "~<"), "<": ("~<",)}
    return claim == evidence or evidence in weaker.get(claim, ())


def _rounds(claim: float, evidence: float) -> bool:
    """Whether the claim's value is the evidence's at the claim's own precision ("3,000" for 2,987)."""
    digits = len(f"{claim:.6g}".replace(".", "").strip("0").split("e")[0]) or 1
    return abs(float(f"{evidence:.{digits - 1}e}") - claim) <= 1e-9 * max(1.0, abs(claim))


def _value_fits(claim: Quantity, evidence: Quantity) -> bool:
    c, e = claim.value, evidence.value
    if abs(c - e) <= 1e-9 * max(1.0, abs(c)):
        return _bound_fits(claim.bound, evidence.bound)
    if evidence.bound not in ("", "~"):
        return False
    inside = {">": c < e <= 1.1 * c, ">=": c < e <= 1.1 * c, "<": 0.9 * c <= e < c, "<=": 0.9 * c <= e < c}
    return inside.get(claim.bound, claim.bound in ("~", "~<") and _rounds(c, e) and (claim.bound == "~" or e < c))


def _kind_fits(claim: Quantity, evidence: Quantity) -> bool:
    age = claim.kind == "year" and evidence.kind == "" and not evidence.after
    return claim.kind == evidence.kind or age


def _tie(claim: Quantity, evidence: Quantity) -> float:
    """How closely two numbers stand by the same words; nearer words count more."""
    mine = claim.after or claim.before
    sides = (evidence.after, evidence.before)
    return sum(1 / ((i + 1) * (side.index(k) + 1)) for i, k in enumerate(mine) for side in sides if k in side)


def numbers(claim: Statement, picked: Sequence[Statement], evidence: Evidence) -> Iterator[Finding]:
    """Each number must be in the evidence, of the same thing, with the same bound."""
    known = [(q, s) for s in evidence.statements for q in s.quantities]
    years = {d.year for s in evidence.statements for d in s.dates}
    for q in claim.quantities:
        alike = [(e, s) for e, s in known if _kind_fits(q, e)]
        same = [(e, s) for e, s in alike if _value_fits(q, e)]
        rivals = [e for e, s in alike if s in picked and not _value_fits(q, e)]
        rival = max(rivals, key=lambda e: _tie(q, e), default=None)
        if not same:
            if (q.value == 1 and q.kind == "" and not (rival and _tie(q, rival))) or (q.kind == "" and q.value in years):
                continue
            if rival and (q.kind not in ("", "ordinal") or _tie(q, rival)):
                yield _against(f"the claim says {_spoken(q)}, the evidence {_spoken(rival)}")
            else:
                yield _without(f"{q.text} is not in the evidence", 0.5)
            continue
        best = max(_tie(q, e) for e, _ in same)
        if rival and _tie(q, rival) > best:
            yield _against(f"{q.text} goes with something else in the evidence, here it says {_spoken(rival)}")
        elif not best and q.value != 1 and (q.after or q.before) and not any(s in picked for _, s in same):
            yield _without(f"{q.text} is said of something else in the evidence")


def _spoken(quantity: Quantity) -> str:
    signs = {"~": "about ", "~<": "nearly ", ">": "more than ", ">=": "at least ", "<": "less than ", "<=": "up to "}
    return signs.get(quantity.bound, "") + quantity.text


def days(claim: Statement, picked: Sequence[Statement], evidence: Evidence) -> Iterator[Finding]:
    """Each date must be in the evidence at the same or a finer precision."""
    known = [d.parts() for s in evidence.statements for d in s.dates]
    values = {q.value for s in evidence.statements for q in s.quantities}
    here = [d.parts() for s in picked for d in s.dates]
    for day in claim.dates:
        parts = day.parts()
        if any(parts.items() <= other.items() for other in known) or (list(parts) == ["year"] and day.year in values):
            continue
        if any(other.keys() & parts.keys() and any(other[k] != parts[k] for k in other.keys() & parts.keys()) for other in here):
            yield _against(f"the evidence gives another date than {day.text}")
        else:
            yield _without(f"the date {day.text} is not in the evidence")


def known_names(claim: Statement, picked: Sequence[Statement], evidence: Evidence) -> Iterator[Finding]:
    """Each name must be in the evidence, whole or by a known short form."""
    for run, first in claim.names:
        row = tuple(t.key for t in run if t.text[0].isalpha() and t.low not in ("of", "de"))
        if evidence.knows(row) or (first and len(row) > 1 and evidence.knows(row[1:]) and not run[0].text.isupper()):
            continue
        if first and len(row) == 1 and not _is_subject(claim.tokens, run[0]):
            continue
        yield _without(f"{' '.join(t.text for t in run)} is not in the evidence", 0.5)


def _is_subject(tokens: list[Word], word: Word) -> bool:
    """Whether a verb seems to follow, so that a lone first word is what the sentence is about."""
    after = next((t for t in tokens if t.start >= word.end and t.text[0].isalnum()), None)
    return after is not None and (after.low in SPEECH or after.low in ("is", "was", "has", "had", "will") or after.low.endswith("ed"))


def _grounds(claim: Statement, picked: Sequence[Statement]) -> list[Statement]:
    """The picked sentences a good part of the claim rests on; the others only lend a word."""
    shared = [len(s.keys & claim.keys) for s in picked]
    return [s for i, s in enumerate(picked) if not i or shared[i] >= max(3, 0.25 * len(claim.keys))]


def polarity(claim: Statement, picked: Sequence[Statement], evidence: Evidence) -> Iterator[Finding]:
    """What is negated or denied on one side must be so on the other."""
    open_ones = [(n, s) for s in picked for n in s.negations]
    grounds = _grounds(claim, picked)
    for mine in claim.negations:
        fits = [p for p in open_ones if p[0].head == mine.head]
        fits = fits or [p for p in open_ones if mine.head in p[0].scope or p[0].head in mine.scope]
        if fits:
            open_ones.remove(fits[0])
        elif mine.head in frozenset[str]().union(*(s.keys for s in picked)):
            yield _against(f'the claim has "{mine.word}" where the evidence has not')
        else:
            yield _without(f'the evidence does not say "{mine.word}"')
    denied = frozenset[str]().union(*(n.scope for n in claim.negations))
    for theirs, where in open_ones:
        if theirs.head in ("onli", "just", "") or theirs.head in denied or where not in grounds:
            continue
        shared = theirs.scope & claim.keys
        plain = any(theirs.head in s.keys for s in picked if s is not where)
        if (theirs.head in claim.keys and not plain) or len(shared) >= max(2, len(claim.keys) / 2):
            yield _against(f'the evidence has "{theirs.word}" where the claim has not')


def opposites(claim: Statement, picked: Sequence[Statement], evidence: Evidence) -> Iterator[Finding]:
    """A word must not stand where the evidence has its opposite."""
    if len(claim.negations) != sum(len(s.negations) for s in picked[:1]):
        return
    for i, token in enumerate(claim.tokens):
        own = stem(token.low)
        others = OPPOSITE_OF.get(own)
        if not others:
            continue
        mine = {*near(claim.tokens, i + 1, 1), *near(claim.tokens, i - 1, -1)}
        for s in picked:
            if own in s.stems or token.key in s.keys or not others & s.stems:
                continue
            for j, word in enumerate(s.tokens):
                if stem(word.low) in others and mine & {*near(s.tokens, j + 1, 1), *near(s.tokens, j - 1, -1)}:
                    yield _against(f'the claim says "{token.text}", the evidence "{word.text}"')
                    break


def certainty(claim: Statement, picked: Sequence[Statement], evidence: Evidence) -> Iterator[Finding]:
    """What the evidence hedges must be hedged in the claim in the same way, and the other way round."""
    kinds = {h.kind for h in claim.hedges}
    for s in _grounds(claim, picked):
        for hedge in s.hedges:
            shared = len(hedge.scope & claim.keys)
            governs = (hedge.head in claim.keys) or shared >= max(2, 0.4 * len(claim.keys))
            if governs and hedge.kind not in kinds:
                yield _without(f'the evidence says "{hedge.word}", the claim leaves it out', 0.7)
    theirs = {h.kind for s in evidence.statements for h in s.hedges}
    for hedge in claim.hedges:
        if hedge.kind in ("alleged", "planned", "tried") and hedge.kind not in theirs:
            yield _without(f'the claim says "{hedge.word}", the evidence does not', 0.7)


def attribution(claim: Statement, picked: Sequence[Statement], evidence: Evidence) -> Iterator[Finding]:
    """What somebody says in the evidence must be said by the same one in the claim."""
    for s in _grounds(claim, picked):
        plain = frozenset[str]().union(*(o.keys for o in picked if o is not s and not o.tellings))
        for telling in s.tellings:
            inside = (telling.told & claim.keys) - telling.speaker - plain
            if len(inside) < max(2, len((s.keys & claim.keys) - telling.speaker) / 2):
                continue
            who = " ".join(sorted(telling.speaker)) or "somebody"
            if not claim.tellings:
                yield _without(f"the evidence only says that {who} said so", 0.75)
                continue
            mine = [_speaker(t.speaker) for t in claim.tellings]
            theirs = {_speaker(t.speaker) for t in s.tellings}
            if all(mine) and all(theirs) and not any(a & b for a in mine for b in theirs):
                yield _against(f"the evidence has another speaker than the claim: {who}")
            break
    spoken = frozenset[str]().union(*(s.stems for s in picked))
    for mine_told in claim.tellings:
        if stem(mine_told.verb) in PLAIN_SPEECH and not any(s.tellings for s in picked) and stem(mine_told.verb) not in spoken:
            yield _without(f'nobody in the evidence "{mine_told.verb}" this', 0.7)


def _speaker(keys: frozenset[str]) -> frozenset[str]:
    return keys - TITLE_KEYS or keys


def quoted(claim: Statement, picked: Sequence[Statement], evidence: Evidence) -> Iterator[Finding]:
    """What stands in quotation marks must stand in the evidence to the letter."""
    for quote in quotes(claim.text):
        if len(quote) >= SHORTEST_QUOTE and quote.casefold() not in evidence.text:
            yield _without(f'"{quote}" is not in the evidence to the letter', 0.5)


def roles(claim: Statement, picked: Sequence[Statement], evidence: Evidence) -> Iterator[Finding]:
    """Who did it to whom must not be turned round."""
    theirs = {t for s in picked for t in s.triples}
    for a, verb, b in sorted(claim.triples):
        if (b, verb, a) in theirs and (a, verb, b) not in theirs:
            yield _against(f"the evidence has {b} {verb} {a}, not the other way round")
            return


def edits(claim: Statement, picked: Sequence[Statement], evidence: Evidence) -> Iterator[Finding]:
    """A claim that is a sentence of the evidence but for a word or two must not change what the sentence says."""
    best = picked[0]
    mine, theirs = ([t for t in s.tokens if t.text[0].isalnum()] for s in (claim, best))
    matcher = SequenceMatcher(None, [_plain(t) for t in mine], [_plain(t) for t in theirs], autojunk=False)
    if matcher.real_quick_ratio() < NEAR_VERBATIM or matcher.ratio() < NEAR_VERBATIM:
        return
    for tag, a, b, c, d in matcher.get_opcodes():
        put, was = [t for t in mine[a:b] if t.content], [t for t in theirs[c:d] if t.content]
        if tag == "replace" and 0 < len(put) <= 2 and 0 < len(was) <= 2:
            reason = f'the claim has "{_text(put)}" where the evidence has "{_text(was)}"'
            sure = any(t.digits or t.text[0].isupper() for t in put) and any(t.digits or t.text[0].isupper() for t in was)
            yield _against(reason, 0.5) if sure else _without(reason, 0.7)
        elif tag == "delete" and (new := [t for t in put if t.key not in evidence.keys and not t.digits]):
            yield _without(f'"{_text(new)}" is not in the evidence', 0.8)


def _plain(token: Word) -> str:
    return str(CARDINALS.get(token.low, token.key))


def _text(tokens: Sequence[Word]) -> str:
    return " ".join(t.text for t in tokens)


RULES: tuple[Rule, ...] = (
    numbers, days, known_names, polarity, opposites, certainty, attribution, quoted, roles, edits,
)  # fmt: skip


def coverage(claim: Statement, picked: Sequence[Statement]) -> tuple[float, float, list[str]]:
    """Share of the claim's content words in the picked sentences, share of its neighbouring pairs, words left over."""
    held = frozenset[str]().union(*(s.keys for s in picked))
    row = [t for t in claim.tokens if t.content and not t.digits]
    left = list(dict.fromkeys(t.text for t in row if t.key not in held))
    total = len({t.key for t in row})
    pairs = {(a.key, b.key) for a, b in zip(row, row[1:], strict=False)}
    found = {p for p in pairs if any(p in _pairs(s) for s in picked)}
    missing = len({t.key for t in row if t.key not in held})
    return 1 - missing / max(1, total), len(found) / max(1, len(pairs)), left


def _pairs(statement: Statement) -> set[tuple[str, str]]:
    row = [t.key for t in statement.tokens if t.content and not t.digits]
    return {pair for i, a in enumerate(row) for b in row[i + 1 : i + 4] for pair in ((a, b), (b, a))}


class RulesChecker:
    """Deterministic checker; when in doubt it says "unsupported".

    Attributes:
        name: shown in every answer's provenance.
    """

    name = "rules-1"

    def check(self, claims: Sequence[Claim]) -> list[Verdict]:
        """One verdict a claim, in order; none depends on the other claims. Raises nothing."""
        read: dict[tuple[str, ...], Evidence] = {}
        found = []
        for claim in claims:
            if claim.evidence not in read:
                read[claim.evidence] = Evidence(claim.evidence)
            found.append(judge(claim.text, read[claim.evidence]))
        return found


def judge(text: str, evidence: Evidence) -> Verdict:
    """The verdict on one claim: every rule is asked; contradicted beats unsupported beats supported."""
    claim = Statement(fold(text))
    if not any(t.text[0].isalnum() for t in claim.tokens):
        return Verdict("unsupported", 0.0, "the claim is empty")
    if not any(s.tokens for s in evidence.statements):
        return Verdict("unsupported", 0.0, "no citation")
    if evidence.verbatim(claim.text):
        return Verdict("supported", 1.0)
    picked = evidence.pick(claim.keys)
    share, pairs, left = coverage(claim, picked)
    findings = [finding for rule in RULES for finding in rule(claim, picked, evidence)]
    score = 0.75 * share + 0.25 * pairs
    if share < ENOUGH_WORDS or not claim.keys:
        findings.append(_without(f"not in the evidence: {', '.join(left[:6])}", 1.0))
    for finding in sorted(findings, key=lambda f: f.keeps)[:3]:
        score *= finding.keeps
    if not findings:
        return Verdict("supported", round(0.5 + 0.49 * score, 4))
    worst = min(findings, key=lambda f: (f.label != "contradicted", f.keeps))
    return Verdict(worst.label, round(min(0.49, 0.5 * score), 4), worst.reason)
