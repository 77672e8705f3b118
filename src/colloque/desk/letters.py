"""Ready texts to send a link by mail or SMS: nothing in them says that it is about health, or what about."""

from __future__ import annotations

from datetime import datetime
from typing import Final

_MAIL_EN: Final = (
    "Hello,\n\n{name} would like to write with you privately. This link is for you alone; please do not pass it on. It"
    " works once, until {until}, in any browser, with nothing to install:\n\n{link}\n"
)
_MAIL_FR: Final = (
    "Bonjour,\n\n{name} souhaite échanger avec vous en privé. Ce lien est pour vous seul ; merci de ne pas le transmettre."
    " Il sert une fois, jusqu'au {until}, dans n'importe quel navigateur, sans rien installer :\n\n{link}\n"
)
_SMS_EN: Final = "{name}: your private link, for you alone, until {until}: {link}"
_SMS_FR: Final = "{name} : votre lien privé, pour vous seul, jusqu'au {until} : {link}"
_WORDS: Final = {
    "en": ("A private link from {name}", _MAIL_EN, _SMS_EN, "%d %b %Y, %H:%M"),
    "fr": ("Un lien privé de {name}", _MAIL_FR, _SMS_FR, "%d/%m/%Y à %H:%M"),
}


def invitation_letter(language: str, name: str, link: str, until: int) -> dict[str, str]:
    """`subject` and `mail`, and a shorter `sms`; `until` in seconds, told in the practice's zone."""
    subject, mail, sms, form = _WORDS[language]
    values = {"name": name, "link": link, "until": datetime.fromtimestamp(until).astimezone().strftime(form)}
    return {"subject": subject.format(**values), "mail": mail.format(**values), "sms": sms.format(**values)}
