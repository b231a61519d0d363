"""Copies of a story, told from what looks alike: `python -m eval.bench.copies --data DIR [--half dev]`.

Real articles are cut short, added to and touched up as on their way through other outlets. What must not be linked:
other articles, also with a paragraph in common, digests that hold an article's beginning, forms filled in twice, and
summaries of one article by different writers.
"""

from __future__ import annotations

import argparse
import random
import re
import sys
from collections import defaultdict
from collections.abc import Iterator, Sequence
from itertools import combinations
from pathlib import Path

from eval.bench.corpora import Half, half_of, rows
from index.copies import AGREEING, Profile, profile, resemble

FILES = ("factcc_news", "ragtruth_summary", "wice_dev")
WORDS = (80, 2500)
"""Shorter and longer pages are left out: lists of links, whole books."""

TAGS = (
    "(Reporting by {who} in {where}; editing by {who})",
    "Sign up for our newsletter to get the day's top stories from {where}.",
    "© 2026 {where} Times. All rights reserved.",
    "By {who}, {where} Herald",
    "This story was first published by the {where} Post and is shared with our partners.",
)
FORMS = {
    "market": "{where} stocks closed {way} on {day}, with the index at {n} points. Turnover came to {n} million "
    "shares worth {n} million. {firm} led with a rise of {n} percent to {n}, followed by {firm}, which "
    "added {n} percent. The currency traded at {n} to the dollar, against {n} at the previous close. "
    "Analysts said that investors were waiting for figures on inflation that are due on {day}. Oil was "
    "last at {n} dollars a barrel and gold at {n}.",
    "quake": "A magnitude {n} earthquake struck {n} kilometres from {where} at {n} on {day}, the survey said. Its "
    "depth was {n} kilometres. There were no immediate reports of damage or injuries. In the past ten "
    "days there have been {n} earthquakes of magnitude 3.0 or greater nearby. Did you feel this "
    "earthquake? Consider reporting what you felt to the survey. This information comes from the "
    "notification service and was written by a computer program.",
    "health": "The ministry of health in {where} reported {n} new cases on {day}, which brings the total to {n}. "
    "There were {n} deaths in the last day. In hospital are {n} people, of whom {n} are in intensive "
    "care. Some {n} tests were carried out and {n} percent were positive. To date {n} people have "
    "received a first dose of vaccine. The ministry asked people to go on washing their hands and to keep"
    " their distance. The next bulletin is due tomorrow.",
    "match": "{firm} beat {firm} {n} at home in {where} on {day} before a crowd of {n}. {who} scored in minute {n}"
    " after a cross from {who}, and {who} added a second in minute {n}. The visitors pulled one back "
    "through {who} but could not find an equaliser. The win lifts {firm} to {n} points from {n} matches. "
    "The next match is on {day}. The coach said his team had deserved the three points.",
}
SLOTS = {
    "who": ("Ana Ruiz", "Tom Becker", "Li Wen", "Grace Oduya", "Pavel Novak", "Marta Silva"),
    "where": ("Bogota", "Lisbon", "Nairobi", "Vilnius", "Osaka", "Perth"),
    "firm": ("Orvex", "Balmar", "Tindale", "Kestrel", "Norhav", "Polaris", "Vantor"),
    "way": ("up", "down", "higher", "lower"),
    "day": ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday"),
}
_BREAK = re.compile(r"(?<=[.!?])[\"”’']?\s+(?=[A-Z\"“])")
Pair = tuple[str, str, str]
"""A kind and two texts."""


def copied(text: str, articles: Sequence[str], pick: random.Random) -> Iterator[Pair]:
    """An article with what may become of it elsewhere."""
    parts, other = blocks(text), blocks(pick.choice(articles))
    place = pick.randrange(len(parts))
    for share in (40, 50, 60, 70, 80, 90):
        yield f"cut to {share} %", text, cut(text, share / 100)
    for rate in (1, 3, 5, 8, 10):
        yield f"{rate} % of words edited", text, edit(text, rate / 100, articles, pick)
    if len(parts) > 2:
        yield "paragraph dropped", text, "\n\n".join(parts[:place] + parts[place + 1 :])
    yield "paragraph added", text, "\n\n".join([*parts[:place], pick.choice(other), *parts[place:]])
    yield "other headline", text, " ".join(other[0].split()[:10]) + "\n" + text
    yield "outlet's lines", text, tagged(text, pick)
    whole = edit(cut(text, pick.uniform(0.4, 0.9)), pick.uniform(0.01, 0.1), articles, pick)
    yield "cut, edited, lines", text, tagged(whole, pick)
    yield "cut to 40 %, 10 % edited, lines", text, tagged(edit(cut(text, 0.4), 0.1, articles, pick), pick)


def alike(articles: Sequence[str], pick: random.Random) -> Iterator[Pair]:
    """Pairs that are no copies."""
    for _ in range(3000):
        one, other = pick.sample(articles, 2)
        yield "other articles", one, other
    for _ in range(300):
        one, other, third = pick.sample(articles, 3)
        shared = pick.choice(blocks(third, 90))
        yield "a paragraph in common", f"{one}\n\n{shared}", f"{other}\n\n{shared}"
    for _ in range(150):
        held = pick.sample(articles, pick.randint(4, 8))
        digest = "\n\n".join(" ".join(text.split()[: pick.randint(60, 150)]) for text in held)
        yield from (("digest", text, digest) for text in held[:3])
    for _ in range(200):
        yield from (("form", filled(form, pick), filled(form, pick)) for form in FORMS.values())


def retold(data: Path, half: Half) -> Iterator[Pair]:
    """Summaries of one article by different writers, and each with the article."""
    summaries = defaultdict(set)
    for row in rows(data / "verify" / "ragtruth_summary.jsonl"):
        summaries[row["context"].strip()].add(row["response"])
    for text, told in summaries.items():
        if half_of(text) == half:
            yield from (("summary of the article", text, summary) for summary in sorted(told))
            yield from (("one event, two writers", one, other) for one, other in combinations(sorted(told), 2))


def blocks(text: str, words: int = 60) -> list[str]:
    """Paragraphs of whole sentences: most of the articles come without their own."""
    found: list[str] = []
    for sentence in _BREAK.split(text):
        if not found or len(found[-1].split()) >= words:
            found.append(sentence)
        else:
            found[-1] += " " + sentence
    return found


def cut(text: str, share: float) -> str:
    """The beginning of a text."""
    words = text.split(" ")
    return " ".join(words[: max(30, int(len(words) * share))])


def edit(text: str, rate: float, articles: Sequence[str], pick: random.Random) -> str:
    """Some words replaced, left out or put in."""
    new = pick.choice(articles).split()
    words: list[str] = []
    for word in text.split(" "):
        chance = pick.random() / rate
        if chance < 0.6:
            words.append(pick.choice(new))
        elif chance >= 0.8:
            words += [word] if chance >= 1 else [word, pick.choice(new)]
    return " ".join(words)


def filled(form: str, pick: random.Random) -> str:
    """A form with other names and figures each time."""
    return re.sub(
        r"\{(\w+)\}",
        lambda slot: pick.choice(SLOTS[slot[1]]) if slot[1] in SLOTS else f"{pick.randint(1, 99)}.{pick.randint(0, 9)}",
        form,
    )


def tagged(text: str, pick: random.Random) -> str:
    """The text with an outlet's lines around it."""
    first, *rest = (filled(pick.choice(TAGS), pick) for _ in range(3))
    return "\n".join([first, text, *rest])


def main(arguments: Sequence[str] | None = None) -> None:
    """Prints the share linked of each kind, and precision and recall over all pairs."""
    parser = argparse.ArgumentParser(prog="python -m eval.bench.copies", description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder of the public sets")
    parser.add_argument("--half", choices=("dev", "test"), default="test", help="documents to report on")
    options = parser.parse_args(arguments)
    found = {row["context"].strip() for name in FILES for row in rows(options.data / "verify" / f"{name}.jsonl")}
    articles = sorted(t for t in found if WORDS[0] <= len(t.split()) <= WORDS[1] and half_of(t) == options.half)
    pick = random.Random(0)  # noqa: S311 - repeatable, nothing secret
    copies = [pair for text in articles for pair in copied(text, articles, pick)]
    strangers = [*alike(articles, pick), *retold(options.data, options.half)]
    right, wrong = report("linked, and should be", copies), report("linked, and should not be", strangers)
    sys.stdout.write(
        f"{options.half}: {len(articles)} articles; recall {right / len(copies):.4f} (n={len(copies)}), precision "
        f"{right / (right + wrong):.4f} (n={right + wrong}), {wrong} of {len(strangers)} strangers linked\n"
    )


def report(title: str, pairs: Sequence[Pair]) -> int:
    """Prints the share of each kind that is linked; how many there are in all."""
    known: dict[str, tuple[Profile, set[int]]] = {}
    linked: dict[str, list[bool]] = defaultdict(list)
    for kind, *texts in pairs:
        for text in texts:
            if text not in known:
                known[text] = (own := profile(text)), set(own.signature())
        (one, first), (other, second) = (known[text] for text in texts)
        linked[kind].append(len(first & second) >= AGREEING and resemble(one, other))
    sys.stdout.write(f"{title}:\n")
    for kind, found in linked.items():
        sys.stdout.write(f"  {kind:<34} {sum(found) / len(found):.4f} n={len(found)}\n")
    return sum(map(sum, linked.values()))


if __name__ == "__main__":
    main()
