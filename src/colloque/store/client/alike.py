"""Whether somebody has the name or the number of somebody else who is known here, or a name that looks like theirs (S8)."""

from __future__ import annotations

import unicodedata
from collections import defaultdict

from colloque.store.client.database import Database
from colloque.store.client.naming import slug
from colloque.wire.profile import Profile


class Alike:
    """Everybody in a conversation here, by what is left of their names and by RPPS number. Read once, asked as often as
    there are people to look at."""

    def __init__(self, database: Database) -> None:
        self._looks: defaultdict[str, set[bytes]] = defaultdict(set)
        self._numbers: defaultdict[str, set[bytes]] = defaultdict(set)
        for key, name, rpps in database.all("SELECT DISTINCT key, name, rpps FROM peer"):
            self._looks[skeleton(name)].add(key)
            if rpps:
                self._numbers[rpps].add(key)

    def somebody_else(self, key: bytes, profile: Profile) -> bool:
        """Whether another key than `key` is known under what this profile states."""
        looks = self._looks.get(skeleton(profile.name), set())
        numbers = self._numbers.get(profile.rpps, set())
        return bool((looks | numbers) - {key})


def skeleton(name: str) -> str:
    """What is left of a name for whoever reads it in passing: two names that look alike have the same."""
    plain = unicodedata.normalize("NFKD", name.casefold().translate(_LOOK_ALIKES))
    words = slug("".join(c for c in plain if not unicodedata.combining(c))).split("-")
    return " ".join(sorted(words))


_LOOK_ALIKES = str.maketrans("авекмнорстухіјѕԁԛԝαεικνορτυχ", "abekmhopctyxijsdqwaeiknoptux")
