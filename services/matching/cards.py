"""What the screen shows of transactions: their cards, with proposals and open items."""

import json
from functools import cached_property

from .page_names import PageNames
from .proposal_words import ProposalWords
from .proposals import PageHints
from .rule_hints import RuleHints
from .transactions import transaction_rows

# So many cards are made at once, and given to a list that asks for them.
MOST_CARDS, MOST_ITEMS = 80, 20


def match_cards(lines):
    """Return ``{line id: card}`` of bank lines, made in portions.

    card = {"id", "date", "purpose", "counterparty", "counterparty_iban", "tax_code",
    "amount", "currency_id", "foreign", "journal", "move_id", "partner",
    "can_make_partner", "named", "settled", "note", "settled_by", "problem",
    "proposals", "items", "items_count"}; what is not known is ``False``.
    """
    lines.check_access("read")
    cards = {}
    for first in range(0, len(lines), MOST_CARDS):
        cards |= _Page(lines[first : first + MOST_CARDS]).cards()
    return cards


class _Page:
    """The cards of one page; every name is looked up once for all of them."""

    def __init__(self, lines):
        self.lines, self.env = lines, lines.env
        self.env["account.move.line"].check_access("read")
        self.rows = transaction_rows(lines)
        self.hints = {}  # {root company id: PageHints}
        self.proposals = {}  # {line id: [Proposal]}
        open_rows = [row for row in self.rows if not row.is_settled]
        for root_id in sorted({row.root_id for row in open_rows}):
            some = [row for row in open_rows if row.root_id == root_id]
            self._propose(root_id, some)

    def _propose(self, root_id, rows):
        hints = PageHints(self.env, self._companies(root_id), rows)
        self.hints[root_id] = hints
        rules = RuleHints(self.env, rows)
        for row in rows:
            self.proposals[row.line_id] = hints.proposals(row, rules.of(row))

    def _companies(self, root_id):
        """The branches of a company that the user sees, the superuser all of them."""
        seen = self.env.user._get_company_ids() if not self.env.su else None
        companies_sudo = self.env["res.company"].sudo()
        tree = companies_sudo.search_fetch(
            # By its path, which "child of" would read first.
            [("parent_path", "=like", f"{root_id}/%")],
            ["parent_path", "partner_id", "transfer_account_id"],
        )
        return tree if seen is None else tree.filtered(lambda one: one.id in seen)

    def cards(self):
        return {row.line_id: self._card(row) for row in self.rows}

    def _card(self, row):
        items = self._items_of(row)
        return {
            "id": row.line_id,
            "date": row.date.isoformat(),
            "purpose": row.label,
            "counterparty": row.counterparty_name or False,
            "counterparty_iban": row.counterparty_iban or False,
            "tax_code": row.tax_code or False,
            "amount": row.cents / 100,
            "currency_id": row.currency_id,
            "foreign": _foreign(row),
            "journal": [
                row.journal_id,
                self.names.of("account.journal", row.journal_id),
            ],
            "move_id": row.move_id,
            "partner": self._partner(row.partner_id),
            "can_make_partner": bool(not row.partner_id and row.counterparty_name),
            "named": row.is_named and not row.is_settled,
            "settled": row.is_settled,
            "note": row.note or False,
            "settled_by": self.names.of("res.users", row.settled_by_id),
            "problem": row.problem or False,
            "proposals": [
                self._proposal(row, one) for one in self.proposals.get(row.line_id, ())
            ],
            "items": [self._item(row, item) for item in items[:MOST_ITEMS]],
            "items_count": items[0].of_partner if items else 0,
        }

    def _partner(self, partner_id):
        return [partner_id, self.names.partner(partner_id)] if partner_id else False

    # === PROPOSALS === #

    def _proposal(self, row, one):
        reason = self.words.reason(one, row)
        # Whose documents they are, where the row does not say it.
        owner_id = one.partner_id if one.item_ids else None
        return {
            "key": one.key,
            "kind": one.kind,
            "title": self.words.title(one),
            "reason": reason,
            "partner": owner_id != row.partner_id and self._partner(owner_id),
            "difference": one.difference / 100,
            "settlement": _settlement(row, one, reason),
        }

    @cached_property
    def names(self):
        return PageNames(self.env, self.rows, self.hints.values(), self.proposals)

    @cached_property
    def words(self):
        return ProposalWords(self.env, self.names)

    # === OPEN ITEMS === #

    def _items_of(self, row):
        """The open items of the transaction's partner, or of the likeliest one."""
        hints = self.hints.get(row.root_id)
        parties = hints.parties[row.line_id] if hints and not row.is_settled else ()
        return hints.by_partner[parties[0].partner_id] if parties else []

    def _item(self, row, item):
        account = self.names.account(item.account_id)
        return item.card(self._taken(row, item), account)

    def _taken(self, row, item):
        """Cents of the transaction that the item would take; signed as it is."""
        cents = self.hints[row.root_id].worth(row, item)
        if cents * row.cents <= 0:
            return cents
        return min(cents, row.cents, key=abs)


def _foreign(row):
    if not row.foreign_id:
        return False
    return {"amount": row.foreign_cents / 100, "currency_id": row.foreign_id}


def _settlement(row, one, reason):
    """What accepting the proposal does: the argument of ``tbc_settle``."""
    return {
        "why": reason,
        "partner_id": one.partner_id or row.partner_id or False,
        "items": _items(row, one),
        "left_open": one.left_open,
        "parts": [_part(one)] if one.account_id else [],
        "other_line_id": one.other_line_id or False,
        "on_account": one.on_account or False,
    }


def _items(row, one):
    in_full = one.code == "other_currency"
    items = [
        {"id": item_id, "amount": row.cents / 100 if in_full else None}
        for item_id in one.item_ids
    ]
    if in_full:
        items[0]["in_full"] = True
    return items


def _part(one):
    """All of it goes to one account."""
    return {
        "account_id": one.account_id,
        "amount": None,
        "tax_ids": list(one.tax_ids),
        "partner_id": one.partner_id or False,
        "analytic_distribution": json.loads(one.analytic) if one.analytic else False,
        "label": False,
    }
