"""The sign-in page, and the part of the page's header that says who is signed in: HTML from plain values."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from ui.words import LANGUAGES, Words

if TYPE_CHECKING:
    from ui.people.person import Person

_GOOD = ("out", "expired")
_BAD = ("wrong", "wait", "down", "denied", "refused", "late", "proxy")
STATES = (*_GOOD, *_BAD)
"""What the sign-in page has to say: signed out, session over; then what went wrong."""


@dataclass(frozen=True)
class View:
    """What the sign-in page shows.

    Attributes:
        target: the path to go on to.
        state: one of STATES, or empty.
        name: as typed before.
        wait: seconds until the next try.
        provider: the OpenID provider's host; empty with a password file.
        proxy: whether people sign in at a proxy, and nothing can be done here.
    """

    target: str = "/"
    state: str = ""
    name: str = ""
    wait: int = 0
    provider: str = ""
    proxy: bool = False


def sign_in_page(view: View, words: Words) -> str:
    """The whole page: works without scripts; what went wrong stands first, in the title as well."""
    bad = view.state in _BAD
    title = words("people.title")
    title = f"{words('people.error')}: {title}" if bad else title
    return f"""<!doctype html>
<html lang="{words.language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="referrer" content="same-origin">
<meta name="robots" content="noindex">
<title>{escape(title)} · Sourcebound</title>
<link rel="stylesheet" href="/ui/look.css">
<link rel="stylesheet" href="/ui/people.css">
</head>
<body class="sb-sign-in">
<main>
<p class="sb-sign-in-brand">Sourcebound</p>
<h1>{escape(words("people.title"))}</h1>
<p class="sb-sign-in-about">{escape(words("people.about"))}</p>
{_notice(view, words)}
{_way(view, words)}
</main>
<footer>{_languages(view, words)}</footer>
</body>
</html>
"""


def who_part(person: Person, words: Words) -> str:
    """Who is signed in, for the page's header: name, role, and a button to sign out where that can be done here.

    Empty for an anonymous reader.
    """
    if not person.name:
        return ""
    role = words("people.may_curate" if person.may_curate else "people.may_ask")
    leave = (
        f'<form method="post" action="/sign-out?lang={words.language}">'
        f'<button type="submit" class="sb-who-out">{escape(words("people.sign_out"))}</button></form>'
        if person.may_leave
        else ""
    )
    return (
        f'<div class="sb-who" role="group" aria-label="{escape(words("people.who"))}">'
        f'<span class="sb-who-is"><bdi class="sb-who-name">{escape(person.name)}</bdi> '
        f'<span class="sb-who-role">{escape(role)}</span></span>{leave}</div>'
    )


def start_in(language: str) -> str:
    """The path of the page in a language: the first one lies at "/", the others below their code."""
    return "/" if language == next(iter(LANGUAGES)) else f"/{language}/"


def _notice(view: View, words: Words) -> str:
    if view.state not in STATES:
        return ""
    text = escape(words(f"people.{view.state}", seconds=view.wait, provider=view.provider))
    kind = "bad" if view.state in _BAD else "good"
    label = f"<strong>{escape(words('people.error'))}:</strong> " if kind == "bad" else ""
    return f'<p id="sb-notice" class="sb-notice sb-notice-{kind}">{label}{text}</p>'


def _way(view: View, words: Words) -> str:
    if view.proxy:
        return ""
    if view.provider:
        query = escape(urlencode({"next": view.target, "lang": words.language}))
        text = escape(words("people.at_provider", provider=view.provider))
        return f'<a class="sb-sign-in-go" href="/sign-in/provider?{query}">{text}</a>'
    described = ' aria-describedby="sb-notice"' if view.state else ""
    described += ' aria-invalid="true"' if view.state == "wrong" else ""
    # The first field to fill in has the focus, and with it what went wrong is read out.
    focus = ("", " autofocus") if view.name else (" autofocus", "")
    return f"""<form method="post" action="/sign-in?lang={words.language}">
<input type="hidden" name="next" value="{escape(view.target)}">
<label for="sb-name">{escape(words("people.name"))}</label>
<input id="sb-name" name="name" type="text" value="{escape(view.name[:64])}" required maxlength="64" dir="auto"
 autocomplete="username" autocapitalize="none" spellcheck="false"{described}{focus[0]}>
<label for="sb-password">{escape(words("people.password"))}</label>
<input id="sb-password" name="password" type="password" required maxlength="1024"
 autocomplete="current-password"{described}{focus[1]}>
<button type="submit" class="sb-sign-in-go">{escape(words("people.sign_in"))}</button>
</form>"""


def _languages(view: View, words: Words) -> str:
    """Links to the page in the other languages, each in its own words."""
    links = []
    starts = [start_in(code) for code in LANGUAGES]
    for code, name in LANGUAGES.items():
        if code != words.language:
            target = start_in(code) if view.target in starts else view.target
            query = escape(urlencode({"lang": code, "next": target}))
            links.append(f'<a href="/sign-in?{query}" lang="{code}" hreflang="{code}">{escape(name)}</a>')
    return " ".join(links)
