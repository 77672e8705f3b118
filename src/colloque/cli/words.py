"""What the command line says, in the reader's language: English in the code, French here."""

from __future__ import annotations

import locale
import os
from functools import lru_cache
from typing import Final

_FRENCH: Final = {
    "Passphrase": "Phrase secrète",
    "Passphrase again": "Phrase secrète, encore une fois",
    "The two are not the same.": "Les deux ne sont pas identiques.",
    "Your identity is ready.": "Votre identité est prête.",
    "The relay could not be reached; everything will be sent once it answers.": (
        "Le relais ne répond pas ; tout partira dès qu'il répondra."
    ),
    "Give this link to {name}, and to nobody else. It works once, until {until}.": (
        "Donnez ce lien à {name}, et à personne d'autre. Il sert une fois, jusqu'au {until}."
    ),
    "one person": "une seule personne",
    "Your public link. Whoever has it can write to you.": "Votre lien public. Qui l'a peut vous écrire.",
    "The link works once the relay has been reached: run the command again.": (
        "Le lien marchera dès que le relais aura répondu : relancez la commande."
    ),
    "You follow the link of {name} (stated by them). They are called {short} here.": (
        "Vous suivez le lien de {name} (selon ses dires). Nom court ici : {short}."
    ),
    "Nobody yet. Invite somebody with `colloque invite`.": "Personne encore. Invitez avec `colloque invite`.",
    "verified": "vérifié",
    "stated by them, not verified": "selon ses dires, non vérifié",
    "Safety number with {name}:": "Numéro de sûreté avec {name} :",
    "Compare it aloud, by telephone or face to face. Is it the same at both ends?": (
        "Comparez-le de vive voix, au téléphone ou en face. Est-il le même des deux côtés ?"
    ),
    "Marked as verified.": "Marqué comme vérifié.",
    "Not marked. If the numbers differ, somebody may be in between: do not write anything confidential.": (
        "Non marqué. Si les numéros diffèrent, quelqu'un est peut-être entre vous : n'écrivez rien de confidentiel."
    ),
    "waiting": "en attente",
    "uploading": "document en cours d'envoi",
    "accepted": "accepté par le relais",
    "delivered": "remis",
    "read": "lu",
    "failed": "refusé",
    "retracted": "retiré",
    "not delivered in time": "non remis à temps",
    "Nothing new.": "Rien de nouveau.",
    "file saved: {path}": "fichier enregistré : {path}",
    "file {name} ({size}): save it with `colloque save {id}`": (
        "fichier {name} ({size}) : enregistrez-le avec `colloque save {id}`"
    ),
    "a file that did not arrive whole": "un fichier qui n'est pas arrivé entier",
    "(retracted)": "(retiré)",
    "The conversation is open.": "La conversation est ouverte.",
    "{who} has joined.": "{who} est arrivé.",
    "{who} is gone.": "{who} est parti.",
    "You were taken out of this conversation.": "Vous avez été retiré de cette conversation.",
    "{count} message(s) from {who} are missing.": "{count} message(s) de {who} manquent.",
    "{count} message(s) could not be read.": "{count} message(s) n'ont pas pu être lus.",
    "{who} has lost their device's state and asks to come back: `colloque accept {short}` says yes.": (
        "{who} a perdu l'état de son appareil et demande à revenir : `colloque accept {short}` dit oui."
    ),
    "The conversation is back.": "La conversation est rétablie.",
    "This link was used by somebody else already, or taken back: ask {who} for a new one.": (
        "Ce lien a déjà servi à quelqu'un d'autre, ou a été retiré : demandez-en un nouveau à {who}."
    ),
    "What was needed to come back into this conversation is not here: nobody could be asked.": (
        "Il manque ici ce qu'il faut pour revenir dans cette conversation : personne n'a pu être interrogé."
    ),
    "{who} carries this conversation on as its host.": "{who} poursuit cette conversation comme hôte.",
    "CAREFUL: {who} has the name of somebody you know, and another key. Compare safety numbers.": (
        "ATTENTION : {who} porte le nom de quelqu'un que vous connaissez, avec une autre clé. Comparez les numéros de sûreté."
    ),
    "{who} has changed what they state of themself.": "{who} a changé ce qu'il dit de lui-même.",
    "{who} has taken a message back.": "{who} a retiré un message.",
    "me": "moi",
    "Sent: {state}": "Envoyé : {state}",
    "Not yet {state}: it stays in line and is tried again.": (
        "Pas encore {state} : reste en attente et sera réessayé."
    ),
    "The backup is written.": "La sauvegarde est écrite.",
    "Restored. Each conversation comes back once the other side says yes.": (
        "Restauré. Chaque conversation revient quand l'autre côté dit oui."
    ),
    "They may come back.": "Retour autorisé.",
    "You have left.": "Vous avez quitté la conversation.",
    "You leave as soon as what you wrote before is on its way.": (
        "Vous quitterez la conversation dès que ce que vous avez écrit sera parti."
    ),
    "Retracted.": "Retiré.",
}


@lru_cache(maxsize=1)
def french() -> bool:
    for name in ("LC_ALL", "LC_MESSAGES", "LANGUAGE", "LANG"):
        value = os.environ.get(name)
        if value:
            return value.lower().startswith("fr")
    try:
        return (locale.getlocale()[0] or "").lower().startswith("fr")
    except ValueError:
        return False


def say(text: str, **values: object) -> str:
    """`text` in the reader's language, with its gaps filled."""
    return (_FRENCH.get(text, text) if french() else text).format(**values)
