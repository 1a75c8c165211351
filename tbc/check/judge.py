"""Words of the bank's that may be told, and what an error says in such words."""

import json
import re
from collections.abc import Iterable
from typing import Any

from ..answer import parse_json
from ..echo import Sent
from ..errors import TbcError
from ..sealed import Sealed
from ..wire import Json, json_value
from .known import PUBLISHED

CUT = "…"
_WORD = re.compile(r"[A-Za-z][A-Za-z_]{0,39}|-?\d{1,3}", re.ASCII)
# What a person is called is not written so, unless in capitals alone.
_ENDS = "Error|Exception|Failure|Fault|Found|Request|Exists|Denied|Invalid|Expired"
_CODE = re.compile(
    rf"[A-Z_*]{{1,40}}|-?\d{{1,3}}|[A-Za-z]{{1,20}}(_[A-Za-z]{{1,20}}){{1,5}}"
    rf"|[A-Za-z]{{1,40}}({_ENDS})",
    re.ASCII,
)
# As the bank names members.
_NAME = re.compile(r"[a-z][A-Za-z_]{0,39}", re.ASCII)
# Shorter ones stand in many words without meaning anything.
SHORTEST_SECRET = 4


def safe_word(word: object, secrets: Iterable[str] = ()) -> str | None:
    """A word of a closed list, as the bank writes it; ``…`` where it may tell more.

    What the bank has published is told. Another word is told when it is one word,
    and has nothing of ``secrets`` in it, nor they it.
    """
    return _told(word, _WORD, secrets)


def safe_code(word: object, secrets: Iterable[str] = ()) -> str | None:
    """The same of what may be a sentence or a name as well: a code only."""
    return _told(word, _CODE, secrets)


def _told(word: object, form: re.Pattern[str], secrets: Iterable[str]) -> str | None:
    if word is None:
        return None
    text = str(word).strip()
    if text in PUBLISHED:
        return text
    return CUT if not form.fullmatch(text) or _is_told_by(text, secrets) else text


def _is_told_by(text: str, secrets: Iterable[str]) -> bool:
    """Whether a word says a part of a secret, or a secret a part of it."""
    low = text.lower()
    if len(low) >= SHORTEST_SECRET:
        known = (one.lower() for one in secrets if len(one) >= SHORTEST_SECRET)
        return any(one in low or low in one for one in known)
    # A short name, of a person say, is a word of its own.
    word = re.compile(rf"\b{re.escape(low)}\b")
    return not low.lstrip("-").isdigit() and any(
        word.search(o.lower()) for o in secrets
    )


def safe_path(path: str, secrets: Iterable[str] = ()) -> str:
    """The path of a member, each name of it written as the bank writes names."""
    names = re.split(r"([.\[\]]+)", path)
    return "".join(
        name if not name or name[0] in ".[]" else _told(name, _NAME, secrets) or ""
        for name in names
    )


def error_words(error: TbcError | None, secrets: Iterable[str] = ()) -> dict[str, Json]:
    """What an error says, fit for everybody's eyes; nothing where there is none."""
    if not error:
        return {}
    words: dict[str, Any] = {
        "kind": type(error).__name__,
        "status": error.status,
        "code": safe_code(error.code, secrets),
        "title": safe_code(error.title, secrets),
        "author": error.author,
    }
    return {name: word for name, word in words.items() if word is not None}


def words_in(text: str | None) -> list[Json]:
    """The published codes and the HTTP statuses in a sentence of ours."""
    found = set(re.findall(r"HTTP \d{3}|\b[A-Za-z]+[A-Z_][A-Za-z_]+\b", text or ""))
    return [word for word in sorted(found) if word in PUBLISHED or " " in word]


def without(value: Json, secrets: Iterable[str]) -> Json:
    """The same JSON without these texts, in whatever coding they stand in it."""
    sent = Sent()
    sent.add(
        Sealed(one)
        for one in secrets
        if len(one) >= SHORTEST_SECRET and one not in PUBLISHED
    )
    read = parse_json(json.dumps([value]).encode())
    cut = json_value(sent.cut(read))
    return cut[0] if isinstance(cut, list) else None
