"""What the bank's movements mean in books, in plain Python: no Odoo in here.

The names imported here are the public ones.
"""

from .habits import wording
from .hints import Entry, Leg, Party, Past, RuleHint, Transaction
from .mapping import choose_transfer_type, statement_line_values
from .open_entries import OpenEntries
from .party_names import PartyNames, alikeness
from .payments import BankLine, OpenItem, plan_payments
from .proposals import LONGEST_WAY, Proposal, propose
from .rule_words import (
    compared_words,
    drafted_name,
    drafted_words,
    is_telling,
    rule_parts,
    words_pattern,
)
from .sums import Sums, differing_days
from .tax_code import clean_tax_code, georgian_tax_code
