"""The words by which an operation rule knows its transactions again.

In a rule they are separated by commas, and one of them is enough. The bank's text has
commas of its own: it is compared without them, and what is made of it has none.
"""

import re

from .purpose import LONGEST_TEXT
from .tax_code import clean_tax_code

# What stands in half of all texts: it tells nobody from the others.
_GENERAL_WORDS = (
    # What a company is.
    "შპს სს იმ კს სპს აიპ სსიპ ააიპ ფილიალი llc ltd limited jsc ie inc corp gmbh ag plc"
    " co company corporation shps ss branch individual entrepreneur"
    # Where it is.
    " tbilisi batumi kutaisi rustavi gori poti zugdidi telavi borjomi mtskheta khashuri"
    " samtredia senaki ozurgeti kobuleti akhaltsikhe marneuli georgia geo ge გორი city"
    # How it is paid.
    " pos atm mcc mc visa mastercard amex paypass card bank debit credit paid pay payment"
    " payments transfer transfers purchase sale shop store market gel usd eur lari am pm"
    " თანხა თანხის ლარი ბანკი ბანკის მაღაზია"
    # What for, without saying it.
    " invoice invoices inv bill document doc order contract agreement agreements service"
    " services goods no nr for of the to from and by in on at according with"
    " და თვის თარიღი თარიღით წლის"
)
_GENERAL = frozenset(_GENERAL_WORDS.split())
# A Georgian word has endings.
_GENERAL_STEMS = (
    *("თბილის", "ბათუმ", "ქუთაის", "რუსთავ", "ზუგდიდ", "თელავ", "ბორჯომ", "საქართველო"),
    *("გადახდ", "გადარიცხვ", "ჩარიცხვ", "შესყიდვ", "ბარათ", "ანგარიშ", "ფაქტურ"),
    *("ინვოის", "ხელშეკრულებ", "მომსახურებ", "საქონ", "ღირებულებ", "მიხედვით"),
)
_MONTHS = (
    "jan january feb february mar march apr april may jun june jul july aug august sep"
    " sept september oct october nov november dec december"
)
_GEORGIAN_MONTHS = (
    "იანვ თებერვ მარტ აპრილ მაის ივნის ივლის აგვისტ სექტემბ ოქტომბ ნოემბ დეკემბ"
)
# What is another one in each transaction: a date, a time, the number of a document, of a
# card; with the Georgian ending that may follow it.
_CHANGING = re.compile(
    r"\b\w*\d\w*(?:-[ა-ჿ]+)?"
    rf"|\b(?:{'|'.join(_MONTHS.split())})\b"
    rf"|\b(?:{'|'.join(_GEORGIAN_MONTHS.split())})\w*",
    re.IGNORECASE,
)
_SHORTEST_WORD = 2


def drafted_words(purpose: str) -> str | None:
    """What of a purpose another transaction of its kind has as well, as a rule has it.

    The first words in a row that tell something; ``None`` where none do.
    """
    runs = _CHANGING.split(purpose[:LONGEST_TEXT])
    return next(filter(None, map(_telling_words, runs)), None)


def _telling_words(run: str) -> str | None:
    """A run without the pieces at both ends that tell nothing, such as a city."""
    pieces = run.split(",")
    while pieces and not is_telling(pieces[-1]):
        pieces.pop()
    while pieces and not is_telling(pieces[0]):
        pieces.pop(0)
    text = " ".join(" ".join(pieces).split())
    return re.sub(r"^\W+|\W+$", "", text) or None


def drafted_name(name: str) -> str | None:
    """A counterparty's name as a rule has it; ``None`` where it tells nothing."""
    text = " ".join(name.replace(",", " ").split())
    return text if is_telling(text) else None


def is_telling(text: str) -> bool:
    """Whether these words tell a transaction from most others."""
    words = re.findall(r"[^\W_]+", text.casefold())
    return any(len(word) >= _SHORTEST_WORD and not _is_general(word) for word in words)


def _is_general(word: str) -> bool:
    return word in _GENERAL or word.startswith(_GENERAL_STEMS)


def rule_parts(text: str | None) -> list[str]:
    """What a rule's text asks for: one of these, ready to be compared."""
    parts = (compared_words(part) for part in (text or "").split(","))
    return [part for part in parts if clean_tax_code(part)]


def compared_words(text: str) -> str:
    """A text as it is compared: in small letters, without commas."""
    return " ".join(text.casefold().replace(",", " ").split())


def words_pattern(words: str) -> re.Pattern[str]:
    """A Latin word as a whole, also in the plural; any other at the beginning of a word.

    Georgian words have endings. ``words`` and the text are :func:`compared_words`.
    """
    end = r"s?(?!\w)" if words.isascii() and words[-1].isalnum() else ""
    return re.compile(r"(?<!\w)" + re.escape(words) + end)
