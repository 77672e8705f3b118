"""What a person sees who opens a link in a browser, or comes by: a page without script, in French and English."""

from __future__ import annotations

from typing import Final

from aiohttp import web

_CSP: Final = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"

_PAGE: Final = """<!doctype html>
<html lang="fr"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<meta name="robots" content="noindex"><title>Colloque</title>
<style>body{font:1.25rem/1.6 system-ui,sans-serif;max-width:38rem;margin:3rem auto;padding:0 1rem;color:#1a2b33;
background:#fbfcfc}h1{font-size:1.6rem}section+section{margin-top:2.5rem;border-top:1px solid #c9d3d6;padding-top:1rem}
code{background:#e9eef0;padding:.1em .3em;overflow-wrap:anywhere}
@media(prefers-color-scheme:dark){body{color:#e6edf0;background:#12191c}code{background:#26333a}}</style></head><body>
<main>
<section><h1>Une invitation Colloque</h1>
<p>Ce lien ouvre une conversation priv&eacute;e, chiffr&eacute;e de bout en bout,
avec la personne qui vous l&rsquo;a donn&eacute;.
Rien n&rsquo;a encore &eacute;t&eacute; envoy&eacute;.</p>
<p>Professionnels&nbsp;: copiez l&rsquo;adresse enti&egrave;re de cette page, avec ce qui suit le <code>#</code>, et lancez
<code>colloque accept LIEN</code>.</p></section>
<section lang="en"><h1>A Colloque invitation</h1>
<p>This link opens a private, end-to-end encrypted conversation with whoever gave it to you. Nothing has been sent yet.</p>
<p>Professionals: copy the whole address of this page, with what follows the <code>#</code>, and run
<code>colloque accept LINK</code>.</p></section>
</main></body></html>
"""


async def page(_request: web.Request) -> web.StreamResponse:
    headers = {
        "Content-Security-Policy": _CSP,
        "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
    }
    return web.Response(text=_PAGE, content_type="text/html", headers=headers)


def routes() -> list[web.AbstractRouteDef]:
    return [web.get("/", page), web.get("/i", page), web.get("/c", page)]
