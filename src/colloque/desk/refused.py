"""What was refused, as JSON in both languages: the page shows the one that its reader reads."""

from __future__ import annotations

import logging
from typing import Final

from aiohttp import web

from colloque.client.refusals import in_french
from colloque.client.relay.errors import RelayError
from colloque.desk.gate import Handler
from colloque.store.client.founding import Taken
from colloque.store.client.people import NotFound
from colloque.store.client.vault import Locked
from colloque.wire.codec import WireError

_LOG: Final = logging.getLogger(__name__)


class Closed(Exception):
    """The desk is locked, or has no home yet: nothing readable is shown."""


class TooSoon(Locked):
    """Too many wrong passphrases: a pause before the next."""


def _answer(status: int, code: str, english: str, french: str | None = None) -> web.Response:
    words = {"en": english, "fr": in_french(english) if french is None else french}
    return web.json_response({"error": {"code": code, **words}}, status=status)


@web.middleware
async def tell(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Turns what a handler raises into one sentence; what nobody foresaw is logged by its kind alone."""
    try:
        return await handler(request)
    except Closed:
        return _answer(423, "locked", "The desk is locked.", "Le poste est verrouillé.")
    except TooSoon as error:
        return _answer(429, "too-soon", str(error))
    except Taken as error:
        return _answer(409, "taken", str(error))
    except Locked as error:
        return _answer(403, "passphrase", str(error))
    except NotFound as error:
        return _answer(404, "unknown", str(error.args[0]))
    except RelayError as error:
        return _answer(503, "relay", str(error))
    except WireError as error:
        return _answer(400, "refused", str(error))
    except (web.HTTPException, ConnectionError):
        raise
    except OSError as error:
        return _answer(507, "disk", error.strerror or "the disk cannot be written")
    except Exception as problem:  # noqa: BLE001
        _LOG.error("a request failed by an unexpected %s", type(problem).__name__)
        return _answer(500, "failed", "Something failed here.", "Quelque chose a échoué ici.")
