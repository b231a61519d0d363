"""`rag serve`: the page and the HTTP API, who may sign in and how."""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import Annotated, Literal

import typer

from rag.options import CheckingOption, ExtractOption, ModelOption, StoreOption, settings_of


def serve(
    store: StoreOption = None,
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Port to listen on.")] = 7860,
    checking: CheckingOption = None,
    model: ModelOption = None,
    extractive: ExtractOption = False,
    open_browser: Annotated[bool, typer.Option("--open", help="Open the page in the browser.")] = False,
    reports: Annotated[
        Path | None,
        typer.Option(help="Folder of evaluation reports for the Quality tab. Default: reports, where there is one."),
    ] = None,
    users: Annotated[
        Path | None, typer.Option(help="Password file: people sign in with a name of `rag users`.")
    ] = None,
    oidc_issuer: Annotated[
        str, typer.Option(metavar="URL", help="People sign in at this OpenID provider; secret in RAG_OIDC_SECRET.")
    ] = "",
    oidc_client: Annotated[str, typer.Option(metavar="NAME", help="This server's name at the provider.")] = "",
    proxy_header: Annotated[
        str, typer.Option(metavar="NAME", help="Header in which a trusted proxy names who is signed in.")
    ] = "",
    proxy_groups: Annotated[str, typer.Option(metavar="NAME", help="Header in which it lists their groups.")] = "",
    proxy_from: Annotated[
        list[str] | None,
        typer.Option(metavar="ADDRESS", help="The proxy's address or network; may be repeated. Default: this machine."),
    ] = None,
    curator: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME", help="Who may change the articles: a name, or @group; may be repeated."),
    ] = None,
    curate: Annotated[
        Literal["local", "anyone", "nobody"],
        typer.Option(help="Who may change the articles while nobody signs in; local: where only this machine asks."),
    ] = "local",
    address: Annotated[
        str | None, typer.Option(metavar="URL", help="Where browsers find this server, as https://news.example.org.")
    ] = None,
) -> None:
    """Open the chat page and the HTTP API, in one process."""
    people = importlib.import_module("ui.people").Options(
        users=users,
        issuer=oidc_issuer,
        client=oidc_client,
        header=proxy_header,
        groups=proxy_groups,
        curators=tuple(curator or ()),
        curate=curate,
        address=address,
        **({"proxies": tuple(proxy_from)} if proxy_from else {}),
    )
    importlib.import_module("ui.app").serve(
        store,
        host=host,
        port=port,
        open_browser=open_browser,
        ready=lambda url: typer.echo(f"Sourcebound is at {url}"),
        settings=settings_of(checking, model, extractive=extractive),
        people=people,
        reports=reports,
    )
