"""`--help` in the reader's language, and `colloque help`."""

from __future__ import annotations

from typing import Final

import click

from colloque.cli.words import french

HELP: Final = {
    "Private talk between health professionals, over a relay that can read nothing.": (
        "Échanges privés entre professionnels de santé, par un relais qui ne peut rien lire."
    ),
    "Run the blind relay: it carries sealed envelopes and can read none.": (
        "Fait tourner le relais aveugle : il porte des enveloppes scellées et n'en lit aucune."
    ),
    "Opens your desk in the browser: messages, documents and people, on this computer only.": (
        "Ouvre votre poste dans le navigateur : messages, documents et personnes, sur cet ordinateur seulement."
    ),
    "The port on this machine; 0: a free one.": "Le port sur cet ordinateur ; 0 : un port libre.",
    "Only print the address.": "Écrit seulement l'adresse.",
    "Start the desk with the computer, or not.": "Démarrer le poste avec l'ordinateur, ou non.",
    "Shows 24 words to print: with them a forgotten passphrase or a lost computer is no dead end.": (
        "Montre 24 mots à imprimer : avec eux, une phrase secrète oubliée ou un ordinateur perdu n'est pas sans issue."
    ),
    "The language of the words; yours otherwise.": "La langue des mots ; la vôtre sinon.",
    "Open it by the 24 words of the recovery sheet, not by its passphrase.": (
        "L'ouvrir avec les 24 mots de la fiche de secours, non avec sa phrase secrète."
    ),
    "Writes a backup: identity, people and history, under your passphrase.": (
        "Écrit une sauvegarde : identité, personnes et historique, sous votre phrase secrète."
    ),
    "Makes a home from a backup. Each conversation comes back once the other side says yes.": (
        "Refait un dossier à partir d'une sauvegarde. Chaque conversation revient quand l'autre côté dit oui."
    ),
    "Conversations of several people, 20 at most.": "Conversations à plusieurs, 20 personnes au plus.",
    "Makes a conversation called NAME and asks people in.": (
        "Crée une conversation appelée NAME et y invite des personnes."
    ),
    "Lists conversations of several.": "Énumère les conversations à plusieurs.",
    "Asks more people in.": "Invite d'autres personnes.",
    "Takes people out.": "Retire des personnes.",
    "Leaves a conversation.": "Quitte une conversation.",
    "Names somebody who may carry the conversation on if its host is lost.": (
        "Nomme quelqu'un qui pourra poursuivre la conversation si son hôte est perdu."
    ),
    "As second host, carries a conversation on whose host is lost.": (
        "En second hôte, poursuit une conversation dont l'hôte est perdu."
    ),
    "Sends a text, documents, or both.": "Envoie un texte, des documents, ou les deux.",
    "Shows what came, each message once. Ends with 3 where the relay was not reached.": (
        "Montre ce qui est arrivé, chaque message une fois. Finit par 3 si le relais n'a pas répondu."
    ),
    "Shows a whole conversation.": "Montre toute une conversation.",
    "Tells what became of a message; without ID, what was not delivered in time.": (
        "Dit ce qu'est devenu un message ; sans ID, ce qui n'a pas été remis à temps."
    ),
    "Saves a file that came.": "Enregistre un fichier arrivé.",
    "Takes a message of yours back. What was read already cannot be unread.": (
        "Retire un de vos messages. Ce qui est déjà lu ne peut plus être repris."
    ),
    "Makes your identity, in a home of its own.": "Crée votre identité, dans un dossier à elle.",
    "Keeps the TOKEN that your relay's administrator gave you, in place of the one before.": (
        "Garde le jeton (TOKEN) que l'administrateur de votre relais vous a donné, à la place du précédent."
    ),
    "Makes a personal link, for one person.": "Crée un lien personnel, pour une seule personne.",
    "Shows your public link.": "Montre votre lien public.",
    "Follows a link; or, with a contact's short name, lets somebody come back who lost their device's state.": (
        "Suit un lien ; ou, avec le nom court d'un contact, laisse revenir qui a perdu l'état de son appareil."
    ),
    "Lists everybody you can write to.": "Énumère toutes les personnes à qui vous pouvez écrire.",
    "Shows the safety number to compare, and marks somebody as verified.": (
        "Montre le numéro de sûreté à comparer, et marque quelqu'un comme vérifié."
    ),
    "Takes nothing more from somebody: their way to write here is cut off, and a new hello is ignored.": (
        "N'accepte plus rien de quelqu'un : sa voie pour écrire ici est coupée, une nouvelle demande est ignorée."
    ),
    "Explains a command; without a name, lists them all.": "Explique une commande ; sans nom, les énumère toutes.",
    "Compares the patient's page, as URL serves it, with this release's. Ends with 4 where it differs.": (
        "Compare la page du patient, telle qu'elle est servie à URL, à celle de cette version. Finit par 4 si elle diffère."
    ),
    "Only print this release's list: the SHA-256 of each file.": (
        "Écrit seulement la liste de cette version : le SHA-256 de chaque fichier."
    ),
    "One JSON object a line.": "Un objet JSON par ligne.",
    "Which identity's home.": "Le dossier de quelle identité.",
    "What to write; - reads it from standard input.": "Ce qu'il faut écrire ; - le lit sur l'entrée standard.",
    "A document to send.": "Un document à envoyer.",
    "The same key again sends nothing twice.": "La même clé n'envoie rien deux fois.",
    "Until which state to wait.": "Jusqu'à quel état attendre.",
    "Seconds to wait for that state.": "Secondes d'attente de cet état.",
    "Seconds to wait for the relay.": "Secondes d'attente du relais.",
    "Where files are saved; made if it is not there.": "Où enregistrer les fichiers ; créé s'il n'existe pas.",
    "Seconds to wait for something to come.": "Secondes d'attente de ce qui peut venir.",
    "Stay, and show whatever comes, until Ctrl-C.": "Reste, et montre tout ce qui vient, jusqu'à Ctrl-C.",
    "Your relay's address, https://…": "L'adresse de votre relais, https://…",
    "Your name, as others see it.": "Votre nom, tel que les autres le voient.",
    "Your profession, as others see it.": "Votre profession, telle que les autres la voient.",
    "Your RPPS number: 11 digits.": "Votre numéro RPPS : 11 chiffres.",
    "The token that the relay's administrator gave you.": "Le jeton que l'administrateur du relais vous a donné.",
    "For whom: how you want to call them.": "Pour qui : comment vous voulez appeler cette personne.",
    "Until when: 30m, 12h, 7d.": "Jusqu'à quand : 30m, 12h, 7d.",
    "First words, sent along.": "Premiers mots, envoyés avec.",
    "The numbers were compared and are the same.": "Les numéros ont été comparés et sont les mêmes.",
    "Take the mark away.": "Enlève la marque.",
    "Take from them again; what was refused meanwhile is sent again.": (
        "Accepte à nouveau ; ce qui fut refusé entre-temps est renvoyé."
    ),
}
CODES: Final = (
    """Exit codes: 0 the asked state is reached; 1 something failed here; 2 wrongly written;
3 kept, and still trying (receive: the relay was not reached); 4 refused; 5 locked;
6 nobody, or more than one, of that name; 7 the relay was not reached and nothing was
kept: run it again; 130 stopped by Ctrl-C; 141 nobody reads the output any more.""",
    """Codes de sortie : 0 l'état demandé est atteint ; 1 quelque chose a échoué ici ; 2 mal
écrit ; 3 gardé, et réessayé (receive : le relais n'a pas répondu) ; 4 refusé ;
5 verrouillé ; 6 personne, ou plusieurs, de ce nom ; 7 le relais n'a pas répondu et rien
n'a été gardé : relancez ; 130 arrêté par Ctrl-C ; 141 personne ne lit plus la sortie.""",
)


def in_french(text: str | None) -> str | None:
    return HELP.get(text, text) if text is not None and french() else text


def translate(command: click.Command) -> click.Command:
    """Its help, that of its options, and that of the commands within it."""
    command.help = in_french(command.help)
    for parameter in command.params:
        if isinstance(parameter, click.Option):
            parameter.help = in_french(parameter.help)
    if isinstance(command, click.Group):
        for inner in command.commands.values():
            translate(inner)
    return command


@click.command("help")
@click.argument("names", metavar="[COMMAND]...", nargs=-1)
@click.pass_context
def help_(context: click.Context, names: tuple[str, ...]) -> None:
    """Explains a command; without a name, lists them all."""
    at = context.find_root()
    for name in names:
        command = at.command.get_command(at, name) if isinstance(at.command, click.Group) else None
        if command is None:
            raise click.UsageError(f"no such command: {name}", at)
        at = click.Context(command, info_name=name, parent=at)
    click.echo(at.get_help())
