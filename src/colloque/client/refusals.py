"""The French of what is raised as a sentence (`WireError`, `Locked`, `NotFound`, `RelayError`); `{}` is a gap."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

_HOMES: Final = {
    "a backup wants a passphrase (COLLOQUE_PASSPHRASE, or at the prompt)": (
        "une sauvegarde demande une phrase secrète (COLLOQUE_PASSPHRASE, ou à l'invite)"
    ),
    "the two passphrases are not the same": "les deux phrases secrètes ne sont pas identiques",
    "this installation's own page is not what was released: install it again": (
        "la page de cette installation n'est pas celle qui a été publiée : réinstallez-la"
    ),
    "that file is no backup": "ce fichier n'est pas une sauvegarde",
    "that is not the passphrase of this backup, or the file is damaged": (
        "ce n'est pas la phrase secrète de cette sauvegarde, ou le fichier est abîmé"
    ),
    "this backup is damaged: take another one": "cette sauvegarde est abîmée : prenez-en une autre",
    "this backup is of another version": "cette sauvegarde est d'une autre version",
    "the database does not open with this home's key": "la base de données ne s'ouvre pas avec la clé de ce dossier",
    "this home was written by a newer version of Colloque": (
        "ce dossier a été écrit par une version plus récente de Colloque"
    ),
    "there is an identity in {} already": "il y a déjà une identité dans {}",
    "there is no identity in {}: make one with `colloque init`": (
        "il n'y a pas d'identité dans {} : créez-la avec `colloque init`"
    ),
    "this home was never finished: remove it and run `colloque init` again": (
        "ce dossier n'a jamais été achevé : effacez-le et relancez `colloque init`"
    ),
    "that is not the passphrase of this home": "ce n'est pas la phrase secrète de ce dossier",
    "the key file asks for more work than is reasonable": "le fichier de clé demande un calcul déraisonnable",
    "the key file cannot be read: restore a backup": (
        "le fichier de clé ne peut pas être lu : restaurez une sauvegarde"
    ),
    "the key file is of another version": "le fichier de clé est d'une autre version",
    "the system's keyring does not hold this home's key": "le trousseau du système n'a pas la clé de ce dossier",
    "this home is locked: give its passphrase (COLLOQUE_PASSPHRASE, or at the prompt)": (
        "ce dossier est verrouillé : donnez sa phrase secrète (COLLOQUE_PASSPHRASE, ou à l'invite)"
    ),
    "this system has no keyring: give a passphrase (COLLOQUE_PASSPHRASE, or at the prompt)": (
        "ce système n'a pas de trousseau : donnez une phrase secrète (COLLOQUE_PASSPHRASE, ou à l'invite)"
    ),
}

_RELAYS: Final = {
    "the relay did not answer; it is tried again soon": "le relais n'a pas répondu ; nouvel essai bientôt",
    "the line to the relay broke": "la liaison avec le relais s'est rompue",
    "the relay does not answer": "le relais ne répond pas",
    "the relay gave another answer than was asked for": "le relais n'a pas répondu à la question",
    "the relay answered with status {}": "le relais a répondu par le code {}",
    "that address is not a Colloque relay": "cette adresse n'est pas celle d'un relais Colloque",
    "that address is not a Colloque relay, or one of another version": (
        "cette adresse n'est pas celle d'un relais Colloque, ou il est d'une autre version"
    ),
    "that address leads to another one: give the relay's own": (
        "cette adresse mène à une autre : donnez celle du relais lui-même"
    ),
    "this relay's TURN server is none": "le serveur TURN de ce relais n'en est pas un",
    "the relay sends more than was asked for": "le relais envoie plus que ce qui était demandé",
    "this relay does not keep mail on its disk before it accepts it": (
        "ce relais n'écrit pas le courrier sur son disque avant de l'accepter"
    ),
    "this relay does not say who may make queues": "ce relais ne dit pas qui peut y créer des files",
    "this relay has chunks of other sizes": "ce relais a des morceaux d'autres tailles",
    "this relay has envelopes or cards of another size": "ce relais a des enveloppes ou des cartes d'une autre taille",
    "this relay is not safe for mail: its {} is too small": (
        "ce relais n'est pas sûr pour le courrier : son {} est trop petit"
    ),
    "another program reads this queue now": "un autre programme lit maintenant cette file",
    "the relay knows no such queue, card or chunk": "le relais ne connaît pas cette file, cette carte ou ce morceau",
    "the relay, or the queue, is full: try later": "le relais, ou la file, est plein : réessayez plus tard",
    "too many at once for this relay: try later": "trop de demandes à la fois pour ce relais : réessayez plus tard",
    "the relay wants a token (`colloque token TOKEN`), or this one is used up": (
        "le relais demande un jeton (`colloque token JETON`), ou celui-ci est épuisé"
    ),
    "a confirmation of what was never handed out": "une confirmation de ce qui n'a jamais été remis",
    "the relay did not understand": "le relais n'a pas compris",
    "the relay is closing": "le relais s'arrête",
    "a relay on the open network needs https": "un relais sur le réseau ouvert demande https",
    "a relay's address looks like https://relay.example, with nothing after the name": (
        "l'adresse d'un relais ressemble à https://relais.exemple, sans rien après le nom"
    ),
}

_LINKS: Final = {
    "what the relay holds for this link is damaged or forged: ask for a new link": (
        "ce que le relais garde pour ce lien est abîmé ou falsifié : demandez un nouveau lien"
    ),
    "the relay serves an older card than it did before": (
        "le relais donne une carte plus ancienne que la dernière fois"
    ),
    "this link has expired, or was used already: ask for a new one": (
        "ce lien a expiré, ou a déjà servi : demandez-en un nouveau"
    ),
    "this link is damaged or incomplete: copy it whole, or ask for it again": (
        "ce lien est abîmé ou incomplet : copiez-le en entier, ou redemandez-le"
    ),
    "this is no whole Colloque link: copy all of it, with what comes after the #": (
        "ce n'est pas un lien Colloque entier : copiez-le tout, avec ce qui suit le #"
    ),
    "this link is of another version of Colloque": "ce lien est d'une autre version de Colloque",
    "this link is your own: give it to somebody else": "ce lien est le vôtre : donnez-le à quelqu'un d'autre",
    "this card claims to be valid for longer than a card may be": (
        "cette carte se dit valable plus longtemps qu'une carte ne peut l'être"
    ),
    "this card is out of date: its owner has not renewed it": (
        "cette carte est périmée : son propriétaire ne l'a pas renouvelée"
    ),
    "this invitation has expired: ask for a new one": "cette invitation a expiré : demandez-en une nouvelle",
}

_PEOPLE: Final = {
    "more than one here is called {}: use a short name, {}": (
        "plusieurs ici s'appellent {} : prenez un nom court, {}"
    ),
    "more than one in this conversation is called {}: use a short name of `contacts`": (
        "plusieurs dans cette conversation s'appellent {} : prenez un nom court de `contacts`"
    ),
    "nobody else is in this conversation: add somebody first": (
        "personne d'autre n'est dans cette conversation : ajoutez d'abord quelqu'un"
    ),
    "nobody here is called {}: `colloque contacts` lists everybody": (
        "personne ici ne s'appelle {} : `colloque contacts` les énumère"
    ),
    "nobody in this conversation is called {}": "personne dans cette conversation ne s'appelle {}",
    "that is a conversation of several, not one person": (
        "c'est une conversation à plusieurs, pas une seule personne"
    ),
    "nobody asks to come back into that conversation": "personne ne demande à revenir dans cette conversation",
    "that person is not in this conversation": "cette personne n'est pas dans cette conversation",
    "that person is not in this conversation any more": "cette personne n'est plus dans cette conversation",
    "that person is in this conversation already": "cette personne est déjà dans cette conversation",
    "that person's own conversation is not open": "la conversation avec cette personne seule n'est pas ouverte",
    "that person's queue is not known": "la file de cette personne n'est pas connue",
    "nothing is shared with that person for a return": "rien n'est convenu avec cette personne pour un retour",
    "only the host of a conversation changes who is in it": (
        "seul l'hôte d'une conversation change qui en fait partie"
    ),
    "only the second host can take a conversation over": "seul le second hôte peut reprendre une conversation",
    "name a second host first (`group second-host`): this conversation has no other": (
        "nommez d'abord un second hôte (`group second-host`) : cette conversation n'en a pas d'autre"
    ),
    "a conversation has at most {} members": "une conversation a {} membres au plus",
    "this is a conversation of two: make one of several with `colloque group new`": (
        "c'est une conversation à deux : faites-en une à plusieurs avec `colloque group new`"
    ),
    "that person has not answered yet: leave that conversation instead": (
        "cette personne n'a pas encore répondu : quittez plutôt cette conversation"
    ),
    "that cannot be undone now: one side has lost its keys here, and has to come back first": (
        "cela ne peut pas être annulé maintenant : un côté a perdu ses clés ici, et doit d'abord revenir"
    ),
    "this conversation is not open": "cette conversation n'est pas ouverte",
    "this conversation is over: nothing can be sent there": (
        "cette conversation est finie : rien ne peut y être envoyé"
    ),
    "there is no such conversation": "cette conversation n'existe pas",
    "a name is empty or not printable": "un nom est vide, ou ne peut pas s'afficher",
    "a name or a profession is empty or not printable": (
        "un nom ou une profession est vide, ou ne peut pas s'afficher"
    ),
    "an RPPS number has 11 digits": "un numéro RPPS a 11 chiffres",
    "this RPPS number's last digit, its key, is wrong": "le dernier chiffre de ce numéro RPPS, sa clé, est faux",
}

_MESSAGES: Final = {
    "there is no message with that id, or more than one: give more of it": (
        "aucun message n'a cet identifiant, ou plusieurs l'ont : donnez-en davantage"
    ),
    "there is no such message": "ce message n'existe pas",
    "there is no such report": "ce compte rendu n'existe pas",
    "a report is never changed: write a new one that corrects it": (
        "un compte rendu ne se modifie pas : écrivez-en un nouveau, qui le corrige"
    ),
    "the report to be corrected is not in this conversation": (
        "le compte rendu à corriger n'est pas dans cette conversation"
    ),
    "a character in the report cannot be shown on the sheet: write it in another way": (
        "un signe du compte rendu ne peut pas être imprimé : écrivez-le autrement"
    ),
    "only a message of one's own can be retracted": "on ne peut retirer que ses propres messages",
    "this key was used before, for something else or somebody else": (
        "cette clé a déjà servi, pour autre chose ou quelqu'un d'autre"
    ),
    "there is no file to save in that message": "il n'y a pas de fichier à enregistrer dans ce message",
    "a document may have 2 GiB at most": "un document peut avoir 2 Gio au plus",
    "a document without a name, too large, or in chunks of an unknown size": (
        "un document sans nom, trop grand, ou en morceaux d'une taille inconnue"
    ),
    "the file changed while it was read": "le fichier a changé pendant sa lecture",
    "the document is not the one that was sent": "le document n'est pas celui qui a été envoyé",
    "a chunk of this document is missing here": "il manque ici un morceau de ce document",
    "a chunk of the wrong size": "un morceau n'a pas la bonne taille",
    "a chunk that its key does not open": "un morceau ne s'ouvre pas avec sa clé",
    "a chunk's padding is not zero": "un morceau est mal rempli",
    "that is not a token: it is one word of 8 to 64 letters, digits and signs": (
        "ce n'est pas un jeton : c'est un seul mot de 8 à 64 lettres, chiffres et signes"
    ),
    "a field is longer than {} bytes": "un nom ou un texte dépasse {} octets",
    "a list is longer than {}": "une liste dépasse {}",
    "a text is not UTF-8": "un texte n'est pas en UTF-8",
    "a text holds NUL": "un texte contient le caractère nul",
}

_DESK: Final = {
    "the page asked for something that the desk does not know": "la page a demandé ce que le poste ne connaît pas",
    "that is no piece of a call in this conversation": "ce n'est pas un élément d'appel de cette conversation",
    "too many people are expected: take some off the list first": (
        "trop de personnes sont attendues : retirez-en d'abord de la liste"
    ),
    "a telephone number with other signs than digits": "un numéro de téléphone n'a que des chiffres",
    "too many wrong passphrases: wait a minute": "trop de phrases secrètes fausses : attendez une minute",
    "a passphrase wants 10 characters at least: four or five words are best": (
        "une phrase secrète demande 10 caractères au moins : quatre ou cinq mots, c'est le mieux"
    ),
    "there is nothing to send": "il n'y a rien à envoyer",
    "a document wants a name": "un document demande un nom",
    "make a recovery sheet first: it is what opens the backup": (
        "faites d'abord une fiche de secours : c'est elle qui ouvre la sauvegarde"
    ),
    "there is a home here already: a backup is restored where there is none": (
        "il y a déjà un dossier ici : une sauvegarde se restaure là où il n'y en a pas"
    ),
    "a backup is given as a form with a file": "une sauvegarde se donne par un formulaire avec un fichier",
    "too many invitations wait to be used: withdraw some": (
        "trop d'invitations attendent d'être utilisées : retirez-en"
    ),
    "nobody waits under that key": "personne n'attend sous cette clé",
    "there is no such alarm": "cette alarme n'existe pas",
    "the disk cannot be written": "le disque ne peut pas être écrit",
    "those are not the 24 words of a recovery sheet: look for a word read or typed wrongly": (
        "ce ne sont pas les 24 mots d'une fiche de secours : cherchez un mot mal lu ou mal tapé"
    ),
    "that recovery sheet is of another home": "cette fiche de secours est celle d'un autre dossier",
    "the recovery sheet's words are wanted (COLLOQUE_SHEET, or at the prompt)": (
        "il faut les mots de la fiche de secours (COLLOQUE_SHEET, ou à l'invite)"
    ),
    "this home has no recovery sheet": "ce dossier n'a pas de fiche de secours",
    "a backup wants a passphrase, or a recovery sheet": (
        "une sauvegarde demande une phrase secrète, ou une fiche de secours"
    ),
    "this system has no way to start programs that is known here": (
        "ce système n'a pas de moyen connu ici de lancer des programmes au démarrage"
    ),
}

REFUSALS: Final[dict[str, str]] = _DESK | _HOMES | _RELAYS | _LINKS | _PEOPLE | _MESSAGES


def in_french(sentence: str) -> str:
    """The French of a sentence that is raised somewhere; the sentence itself where there is none."""
    for pattern, words in _patterns():
        found = pattern.fullmatch(sentence)
        if found:
            return words.format(*found.groups())
    return sentence


@lru_cache(maxsize=1)
def _patterns() -> list[tuple[re.Pattern[str], str]]:
    """Each sentence with its gaps, as an expression that finds what fills them."""
    return [
        (re.compile("(.+?)".join(re.escape(part) for part in sentence.split("{}")), re.DOTALL), words)
        for sentence, words in REFUSALS.items()
    ]
