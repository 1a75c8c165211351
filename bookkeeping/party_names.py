"""Names of people and companies that are alike, in Georgian and in Latin letters.

``შპს ალფა`` and ``Alpha LLC`` are one name: each word is written in one coarse alphabet
in which what the two scripts tell apart in different ways is the same.
"""

import re
from collections import defaultdict
from collections.abc import Hashable, Iterable
from functools import lru_cache
from typing import Generic, TypeVar

Id = TypeVar("Id", bound=Hashable)

_WORD = re.compile(r"[^\W_]+")
# "ი.მ." and "L.L.C." are one word each.
_INITIALS = re.compile(r"\b(?:[^\W\d_]\.\s?){1,3}[^\W\d_]\b\.?")
# What a company is, and no part of what it is called.
_FORMS = (
    "შპს სს იმ კს სპს აიპ სსიპ ააიპ ნნლე ფპ"
    " llc ltd limited jsc ie inc corp corporation gmbh ag plc co company llp lp np"
    " sa srl sarl sro bv oy ab as spa kg ooo oao zao pao ip ооо оао зао пао ао ип"
    " shps ss branch individual entrepreneur joint stock ფილიალი"
    " შეზღუდული პასუხისმგებლობის საზოგადოება სააქციო ინდივიდუალური მეწარმე"
)
_LEGAL_FORMS = frozenset(_FORMS.split())
_GEORGIAN = dict(
    zip(
        "აბგდევზთიკლმნოპჟრსტუფქღყშჩცძწჭხჯჰ",
        "abgdevztiklmnopjrstupkgkscczcchjh",
        strict=True,
    )
)
# Latin, in this order: two or three letters for one Georgian one. A C by itself is a K,
# as in Caucasus; the capital keeps CH and TS from that.
_LATIN = (
    ("tch", "C"),
    ("sch", "s"),
    ("ck", "k"),
    ("ch", "C"),
    ("ts", "C"),
    ("tz", "C"),
    ("c", "k"),
    ("dz", "z"),
    ("dj", "j"),
    ("zh", "j"),
    ("sh", "s"),
    ("gh", "g"),
    ("kh", "h"),
    ("ph", "p"),
    ("th", "t"),
    ("qu", "kv"),
    ("f", "p"),
    ("q", "k"),
    ("w", "v"),
    ("y", "i"),
    ("x", "ks"),
)
_ACCENTS = str.maketrans("áàâäãåéèêëíìîïóòôöõúùûüçñ", "aaaaaaeeeeiiiiooooouuuucn")
_DOUBLED = re.compile(r"(.)\1+")
# A shorter word is the same one or another one; a longer one may be misspelt once.
_SHORTEST_MISSPELT = 5
# The bank's limit is 100 characters or so.
_LONGEST_NAME, _MOST_WORDS = 200, 12
_MOST_COMPARED = 200


@lru_cache(maxsize=50_000)
def name_words(name: str) -> tuple[str, ...]:
    """The words of a name as they are compared, without its legal form, sorted.

    The same for both scripts: ``("alpa",)`` of ``შპს „ალფა“`` and of ``ALPHA, L.L.C.``.
    """
    text = _INITIALS.sub(_joined, name[:_LONGEST_NAME].lower())
    words = _WORD.findall(text)
    told = [word for word in words if word not in _LEGAL_FORMS]
    folded = {_fold(word) for word in (told or words)[:_MOST_WORDS]}
    return tuple(sorted(filter(None, folded)))


def alikeness(one: str, other: str) -> int:
    """How much two names are the same, from 0 to 100."""
    return _alikeness(name_words(one), name_words(other))


def _alikeness(one: tuple[str, ...], other: tuple[str, ...]) -> int:
    """The share of letters that stand in words which both have."""
    if not one or not other or _are_numbered_otherwise(one, other):
        return 0
    left, shared = list(other), 0.0
    for word in one:
        likeness, best = max(
            ((_same(word, some), some) for some in left), default=(0, "")
        )
        if likeness:
            left.remove(best)
            shared += likeness * (len(word) + len(best))
    return round(100 * shared / (sum(map(len, one)) + sum(map(len, other))))


def _are_numbered_otherwise(one: tuple[str, ...], other: tuple[str, ...]) -> bool:
    """Whether both have numbers, and none in common: Shop 112 is not Shop 41."""
    numbers = [{word for word in some if word.isdecimal()} for some in (one, other)]
    return all(numbers) and numbers[0].isdisjoint(numbers[1])


def _same(one: str, other: str) -> float:
    """1 for the same word, less for one that is misspelt or cut short, else 0."""
    if one == other:
        return 1.0
    short, long = sorted((one, other), key=len)
    if len(short) == 1 and long.startswith(short):
        return 0.5
    if len(short) < _SHORTEST_MISSPELT:
        return 0.0
    if long.startswith(short):
        return 0.85
    return 0.8 if _is_one_letter_off(short, long) else 0.0


def _is_one_letter_off(short: str, long: str) -> bool:
    """Whether one letter is another one, too much, or missing."""
    if len(long) - len(short) > 1:
        return False
    same = 0
    while same < len(short) and short[same] == long[same]:
        same += 1
    rest = short[same:] if len(short) < len(long) else short[same + 1 :]
    return rest == long[same + 1 :]


def _joined(found: re.Match[str]) -> str:
    return re.sub(r"[.\s]", "", found.group())


def _fold(word: str) -> str:
    """One word in the coarse alphabet: "ქართლი" and "Qartli" are "kartli", less the
    ending that a Georgian name has and its Latin spelling may not.
    """
    word = word.translate(_ACCENTS)
    for letters, letter in _LATIN:
        word = word.replace(letters, letter)
    word = "".join(_GEORGIAN.get(letter, letter) for letter in word.lower())
    word = _DOUBLED.sub(r"\1", word)
    return word[:-1] if len(word) > 4 and word.endswith("i") else word


class PartyNames(Generic[Id]):
    """Finds whose name is alike, among many, without comparing it with each.

    :param names: pairs of an id and its name
    """

    def __init__(self, names: Iterable[tuple[Id, str]]) -> None:
        self.words: dict[Id, tuple[str, ...]] = {}
        self.places: dict[Id, int] = {}
        self.by_start: dict[str, list[Id]] = defaultdict(list)
        for key, name in names:
            words = name_words(name)
            self.words[key] = words
            self.places[key] = len(self.places)
            for start in {word[:3] for word in words}:
                self.by_start[start].append(key)

    def find(self, name: str, least: int, most: int = 3) -> list[tuple[int, Id]]:
        """``[(alikeness, id)]``, the most alike first; equals in the order given.

        Only names that have a word with the same beginning are compared; where that
        is half the world, only those whose rarest word begins alike.
        """
        words = name_words(name)
        starts = sorted({word[:3] for word in words})
        lists = sorted((self.by_start.get(start, []) for start in starts), key=len)
        able: dict[Id, None] = {}
        for keys in lists:
            if not able or len(able) + len(keys) <= _MOST_COMPARED:
                able.update(dict.fromkeys(keys[:_MOST_COMPARED]))
        scored = [(_alikeness(words, self.words[key]), key) for key in able]
        found = [one for one in scored if one[0] >= least]
        return sorted(found, key=lambda one: (-one[0], self.places[one[1]]))[:most]
