"""Asking the bank whether it answers as this package assumes, one row for each thing.

It reads only, but for the sandbox's own transfer scenarios, which move no money. Nothing
that a row or a shape holds is the bank's own value: figures are counts, words are those
of closed lists, texts are named by their form.
"""

from .judge import safe_code, safe_word, without, words_in
from .known import STATUS_CODES, TRANSACTION_TYPES, is_known_error, is_known_status_word
from .plan import STEPS, names_of_steps, run_step, unseen_rows
from .probe import Probe
from .rows import DIFFERS, EXPECTED, KEYS, NOT_SEEN, Row
from .subject import Subject
