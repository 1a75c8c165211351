"""Which movements surely return another one of their account."""

import re
from collections import defaultdict

from ..counterpart import is_return

# The bank's ids of operations have eleven digits or so.
_OPERATION_ID = re.compile(r"(?<!\d)0*([1-9]\d{7,19})(?!\d)")


class Returns:
    """What some lines may return, which is looked up once.

    The bank names it as parent operation, or both have the id of one transfer order, or
    the purpose names the operation; the amount is exact and the direction the other one.

    :param accounts: the ``tbc.account`` of one company and its branches
    :param lines: list of ``LineToMatch``
    """

    def __init__(self, accounts, lines):
        self.records = accounts.env["account.bank.statement.line"]
        names = {line.line_id: _names(line) for line in lines}
        by_name = self._by_name(accounts, set().union(*names.values()))
        self.possible = {}  # {line id: ids of what it may return}
        for line in lines:
            named = set().union(*(by_name[name] for name in names[line.line_id]))
            ids = {original.id for original in named if _is_opposite(original, line)}
            if ids:
                self.possible[line.line_id] = ids

    def certain(self, lines):
        """Return ``{line id: id of the line that it returns}`` of those of ``lines``.

        Only what is matched or one of ``lines`` can be returned: what waits for its
        order, or is gone at the bank, is left alone.
        """
        free = {line.line_id for line in lines}
        possible = {key: ids for key, ids in self.possible.items() if key in free}
        able = self._able(set().union(*possible.values()), free)
        returns = defaultdict(list)
        for line_id, ids in possible.items():
            originals = list(ids & able)
            if len(originals) == 1:
                returns[originals[0]].append(line_id)
        alone = [(ids, original) for original, ids in returns.items() if len(ids) == 1]
        return {line_id: original for [line_id], original in alone}

    def _able(self, ids, free):
        """Those of the lines ``ids`` that can be returned now."""
        if not ids:
            return set()
        matched = ("is_reconciled", "=", True)
        reconciled = self.records.search([("id", "in", list(ids)), matched])
        children = self.records.search(
            [("tbc_parent_line_id", "in", list(ids)), matched]
        )
        returned = children.filtered(is_return).tbc_parent_line_id
        return free.union(reconciled.ids).difference(returned.ids)

    def _by_name(self, accounts, names):
        """``{(account id, kind, id): {line}}`` of all that has one of ``names``."""
        by_name, ids = defaultdict(set), list({name for _, _, name in names})
        found = self.records.search_fetch(
            [
                ("tbc_account_id", "in", accounts.ids),
                "|",
                ("tbc_operation_id", "in", ids),
                ("tbc_payment_id", "in", ids),
            ],
            [
                "amount",
                "tbc_account_id",
                "tbc_day",
                "tbc_operation_id",
                "tbc_payment_id",
            ],
        )
        for one in found:
            account_id = one.tbc_account_id.id
            by_name[account_id, "operation", one.tbc_operation_id].add(one)
            if one.amount < 0:
                by_name[account_id, "payment", one.tbc_payment_id].add(one)
        return by_name


def _names(line):
    """``{(account id, kind, id)}`` of what ``line`` may return."""
    names = {(line.account_id, "operation", one) for one in _named_operations(line)}
    if line.payment_id:
        names.add((line.account_id, "payment", line.payment_id))
    return names


def _named_operations(line):
    if line.is_between_own_accounts:
        return set()
    if line.parent_id:
        return {line.parent_id}
    return set(_OPERATION_ID.findall(line.purpose))


def _is_opposite(original, line):
    day = original.tbc_day or original.date
    return (
        original.id != line.line_id
        and round(original.amount * 100) == -line.cents
        and day <= line.day
    )
