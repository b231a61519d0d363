"""What the page shows before Gradio has started, and when its server is gone or has forgotten the reader's session."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ui.words import Words

_GREY = '<span class="sb-grey"></span>' * 4


def splash(words: Words) -> str:
    """HTML for the start of the page's body: the page's own shape while it loads.

    look.css lays it over the page, in the same places, and hides it as soon as `#sb-page` is there; no script is
    needed. Where scripts are off it says so instead.
    """
    sections = "".join(f"<span>{escape(words(f'asking.tab_{name}'))}</span>" for name in ("ask", "articles", "quality"))
    return (
        '<div class="sb-splash">'
        "<header><h1>Sourcebound</h1></header>"
        f'<div class="sb-sections" aria-hidden="true">{sections}</div>'
        '<div class="sb-columns">'
        f'<div class="sb-chat"><div class="sb-wait"><p class="sb-loading" role="status">{_said(words, "loading")}</p>'
        f'<p class="sb-off">{_said(words, "scripts_off")}</p></div><div class="sb-box"></div></div>'
        f'<div class="sb-side" aria-hidden="true">{_GREY}</div>'
        "</div></div>"
    )


def banners(words: Words) -> str:
    """Hidden HTML for the page's body, outside of what Gradio replaces: `#sb-offline`, `#sb-expired`, `#sb-signed-out`.

    A script takes the attribute `hidden` away from one of them when that has happened; being alerts, they are read out
    then. Loading the page again is a link, which works without a script.
    """
    return "".join(
        f'<div class="sb-banner" id="sb-{name}" role="alert" hidden>'
        f"<p><strong>{_said(words, key)}</strong> {_said(words, f'{key}_hint')}</p>"
        f'<a class="sb-button" href="">{_said(words, "sign_in" if key == "signed_out" else "reload")}</a></div>'
        for name, key in (("offline", "offline"), ("expired", "expired"), ("signed-out", "signed_out"))
    )


def _said(words: Words, name: str) -> str:
    return escape(words(f"look.{name}"))
