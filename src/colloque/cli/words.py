"""What the command line says, in the reader's language: English in the code, French here."""

from __future__ import annotations

import locale
import os
from functools import lru_cache
from typing import Final

from colloque.cli.visible import one_line
from colloque.client.refusals import in_french

_FRENCH: Final = {
    "nothing is served there (status {detail})": "rien n'est servi là (code {detail})",
    "leads elsewhere: {detail}": "mène ailleurs : {detail}",
    "is another file: SHA-256 {detail}": "est un autre fichier : SHA-256 {detail}",
    "is served as {detail}": "est servi comme {detail}",
    "this header is missing, weaker, or not to be there: {detail}": (
        "cet en-tête manque, protège moins, ou n'a rien à faire là : {detail}"
    ),
    "holds or names what this release does not: {detail}": (
        "contient ou nomme ce que cette version n'a pas : {detail}"
    ),
    "is larger than any file of a release": "est plus grand que tout fichier d'une version",
    "is not packed as it says": "n'est pas compressé comme il le dit",
    "no whole answer in time ({detail})": "pas de réponse entière à temps ({detail})",
    "the same": "identique",
    "give the page's address, or --manifest": "donnez l'adresse de la page, ou --manifest",
    "Release {release}; SHA-256 of this list: {hash}": "Version {release} ; SHA-256 de cette liste : {hash}",
    "The host states a time zone in it: {zone}.": "L'hébergeur y indique un fuseau horaire : {zone}.",
    "This is NOT the page of release {release}.": "Ce N'EST PAS la page de la version {release}.",
    "This is the page of release {release}.": "C'est la page de la version {release}.",
    "Not everything was reached: nothing is proved. Run the command again.": (
        "Tout n'a pas répondu : rien n'est prouvé. Relancez la commande."
    ),
    "That is what was served to this computer now: a host can serve others, or later, something else.": (
        "C'est ce qui a été servi à cet ordinateur maintenant : un hébergeur peut servir autre chose à d'autres, ou plus tard."
    ),
    "Passphrase": "Phrase secrète",
    "Passphrase again": "Phrase secrète, encore une fois",
    "Your identity is ready.": "Votre identité est prête.",
    "The relay could not be reached; everything will be sent once it answers.": (
        "Le relais ne répond pas ; tout partira dès qu'il répondra."
    ),
    "Give this link to {name}, and to nobody else. It works once, until {until}.": (
        "Donnez ce lien à {name}, et à personne d'autre. Il sert une fois, jusqu'au {until}."
    ),
    "one person": "une seule personne",
    "Your public link. Whoever has it can write to you.": "Votre lien public. Qui l'a peut vous écrire.",
    "The link works once the relay has been reached: keep it, and run `colloque receive` later.": (
        "Le lien marchera dès que le relais aura répondu : gardez-le, et lancez `colloque receive` plus tard."
    ),
    "A part of this program is missing: {name}. Set it up again.": (
        "Il manque une partie de ce programme : {name}. Réinstallez-le."
    ),
    "The output cannot be written: {why}": "La sortie ne peut pas être écrite : {why}",
    "There is no such file or folder: {path}": "Ce fichier ou dossier n'existe pas : {path}",
    "The home's database cannot be read or written: {why}": (
        "La base de données ne peut être ni lue ni écrite : {why}"
    ),
    "Nothing was kept: run the command again.": "Rien n'a été gardé : relancez la commande.",
    "The relay was not reached: what is there may be missing here.": (
        "Le relais n'a pas répondu : il peut manquer ce qui s'y trouve."
    ),
    "{count} message(s) were not delivered in time: `colloque status` lists them.": (
        "{count} message(s) n'ont pas été remis à temps : `colloque status` les énumère."
    ),
    "The relay was not reached yet: this is kept, and done as soon as it answers.": (
        "Le relais n'a pas encore répondu : c'est gardé, et sera fait dès qu'il répondra."
    ),
    "This relay wants a token from whoever invites: ask its administrator, then `colloque token TOKEN`. Following"
    " somebody's link works without one.": (
        "Ce relais demande un jeton à qui invite : demandez-le à son administrateur, puis `colloque token JETON`. Suivre"
        " le lien de quelqu'un marche sans jeton."
    ),
    "The token is kept.": "Le jeton est gardé.",
    "Their number is verified already.": "Son numéro est déjà vérifié.",
    "Blocked: {name}": "Bloqué : {name}",
    "No longer blocked: {name}": "Débloqué : {name}",
    "a file that could not be saved: {why}": "un fichier qui n'a pas pu être enregistré : {why}",
    "give --text, --file, or both": "donnez --text, --file, ou les deux",
    "standard input is not text": "l'entrée standard n'est pas du texte",
    "a text may have {most} bytes at most, this one has {count}: send it as a file": (
        "un texte peut avoir {most} octets au plus, celui-ci en a {count} : envoyez-le comme fichier"
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
    "open": "ouverte",
    "lost": "perdue, retour demandé",
    "returning": "l'autre côté demande à revenir",
    "left": "quittée",
    "removed": "vous en avez été retiré",
    "uploading": "document en cours d'envoi",
    "accepted": "accepté par le relais",
    "delivered": "remis",
    "read": "lu",
    "failed": "refusé",
    "refused": "refusé",
    "here": "arrivé",
    "arriving": "en cours d'arrivée",
    "damaged": "arrivé abîmé",
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
    "{count} message(s) from {who} are missing (from number {first}).": (
        "{count} message(s) de {who} manquent (à partir du numéro {first})."
    ),
    "{count} message(s) of yours that {who} has are lost here (from number {first}).": (
        "{count} message(s) de vous, que {who} a reçus, sont perdus ici (à partir du numéro {first})."
    ),
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
    "The desk starts with the computer.": "Le poste démarre avec l'ordinateur.",
    "The desk does not start with the computer.": "Le poste ne démarre pas avec l'ordinateur.",
    "The desk runs already, and does not say where.": "Le poste tourne déjà, et ne dit pas où.",
    "This address is yours alone: whoever has it, on this computer, may use the desk.": (
        "Cette adresse est à vous seul : qui l'a, sur cet ordinateur, peut se servir du poste."
    ),
    "Print or copy these words, and keep them away from the computer. They open this home and its backups.": (
        "Imprimez ou recopiez ces mots, et gardez-les loin de l'ordinateur. Ils ouvrent ce dossier et ses sauvegardes."
    ),
    "Words of the recovery sheet": "Mots de la fiche de secours",
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
    """`text` in the reader's language, with its gaps filled: each with one line, whoever wrote it."""
    words = _FRENCH.get(text, text) if french() else text
    return words.format(**{name: one_line(str(value)) for name, value in values.items()})


def tell(error: Exception) -> str:
    """What was refused, in the reader's language."""
    return translated(str(error)) if french() else str(error)


def translated(sentence: str) -> str:
    """The French of a sentence that is raised somewhere; the sentence itself where there is none."""
    return in_french(sentence)
