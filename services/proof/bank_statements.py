"""Bank statements made of the bank's own figures, where the books agree with them."""

import logging
from functools import partial

from odoo.exceptions import UserError
from odoo.fields import Command

from ... import messages
from ...tbc import TbcError, TbcRefused, TbcUnreadable
from ..amounts import is_equal
from ..connecting import open_client, record_refusal
from ..differences import all_differences, replace_differences, reversed_lines
from ..locks import CONCURRENCY_ERRORS, try_lock
from ..period_limit import ask_statement
from ..refusals import may_speak_of_one
from ..statements.health import is_busy_sentence
from .months import ask_months
from .statement_days import StatementDays, has_statements

_logger = logging.getLogger(__name__)

# Each costs a question to the bank: the rest is made by the next reads.
STATEMENTS_A_READ = 31
# A person who presses the button waits for it.
STATEMENTS_A_CLICK = 366


def update_months_and_statements(account, client, commit, days=None):
    """Keep the bank's figures of each month, make the statements that agree.

    What fails here fails no read: the movements are booked, the next read asks again.

    :param commit: called after each step: makes it last, returns the seconds left
    :param days: all days as :func:`..ledger.day_sums` tells them, if that is known
    """
    is_wanted, found = _is_wanted(account), None
    try:
        ask_months(account, client, commit, days)
        if is_wanted:
            found = StatementDays(account, days)
            found = make_statements(account, client, commit, found)
    except TbcError as error:
        # The bank may refuse one month only: the next read tells whether it is more.
        if not may_speak_of_one(error):
            record_refusal(account.integration_id, error)
        _logger.info("TBC account %s: no monthly figures: %s", account.id, error)
        found = None
    if is_wanted or all_differences(account, "statement"):
        _keep_statement_differences(found or StatementDays(account))


def _is_wanted(account):
    """Whether it has statements, or is to have some."""
    return account.statement_period != "none" or has_statements(account)


def make_anew(account):
    """Make the wrong statements anew at once; return a sentence, and its kind."""
    env, account_sudo = account.env, account.sudo()
    account_sudo.flush_recordset()
    if not try_lock(account_sudo):
        return is_busy_sentence(account), "warning"
    try:
        with open_client(account_sudo.integration_id) as client:
            if _is_wanted(account_sudo):
                found = StatementDays(account_sudo, whole=True)
                most = STATEMENTS_A_CLICK
                make_statements(account_sudo, client, lambda: True, found, most)
    except TbcError as error:
        record_refusal(account_sudo.integration_id, error)
        return messages.user_message(env, error), "danger"
    _keep_statement_differences(StatementDays(account_sudo, whole=True))
    if wrong := all_differences(account_sudo, "statement").with_env(env):
        return wrong[0].message, "warning"
    return env._("No bank statement differs from the bank."), "success"


def make_statements(account, client, commit, found, most=None):
    """Make the statements of periods that are over, and anew what is wrong.

    :param found: the :class:`StatementDays`
    :return: the same if nothing was to be made, else ``None``
    """
    spans = _in_turn(found)[: most or STATEMENTS_A_READ]
    for span in spans:
        try:
            _make_statement(account, client, *span)
        except (TbcRefused, TbcUnreadable) as error:
            # The others are not kept waiting by a period that the bank won't tell.
            _logger.info("TBC account %s: %s not told: %s", account.id, span, error)
        if not commit():
            break
    return None if spans else found


def _in_turn(found):
    """Return the periods to make: the oldest first, those told to be wrong last."""
    told = set(all_differences(found.account, "statement").mapped("day"))
    return sorted(found.spans(), key=lambda span: (span[0] in told, span))


def _keep_statement_differences(found):
    """Tell which statements are wrong, where nothing else of their days is told."""
    account = found.account
    known = all_differences(account, "statement")
    same = {"kind": "statement", "amount": 0.0}
    reasons = [
        {**same, "day": statement.tbc_day_from, "statement_id": statement.id}
        for statement in found.untold()
    ]
    if known or reasons:
        replace_differences(known, account, reasons)
        account.invalidate_recordset(["difference_ids"])
    found.keep()


def _make_statement(account, client, first, last):
    """Make the statement of these days, or make it anew, if the bank says the same."""
    answer = ask_statement(account, client, first, last)
    lines = _lines_between(account, first, last)
    if not _agrees(account, answer, lines):
        return
    try:
        with account.env.cr.savepoint():
            _put_statement(account, (first, last), answer, lines)
    except (UserError, *CONCURRENCY_ERRORS):
        # Another module's rule, or somebody at work on one of the lines: the next
        # read tries again.
        _logger.info("TBC account %s: no statement of %s", account.id, first)


def _put_statement(account, days, answer, lines):
    """Give these days their one statement, with the bank's balances and our lines."""
    first, last = days
    statement = account.env["account.bank.statement"].search(
        [("tbc_account_id", "=", account.id), ("tbc_day_from", "=", first)]
    )
    vals = {
        "date": last,
        "balance_start": float(answer.opening_balance),
        "balance_end_real": float(answer.closing_balance),
        "line_ids": [Command.set(lines.ids)],
    }
    if not lines:
        # The bank took back all that was in it.
        statement.unlink()
    elif statement:
        # A line may have gone with its entry, which the database does by itself.
        statement.modified(["line_ids"])
        statement.write(vals)
    else:
        statement.create({**vals, **_prepare_identity(account, first, last)})


def _prepare_identity(account, first, last):
    """What names a statement: it stays what it is in every language."""
    code = account.currency_id.name
    period = f"{first:%Y-%m}" if first != last else str(first)
    return {
        "name": f"TBC {code} …{account.iban[-4:]} {period}",
        "reference": f"{account.iban} {code} {first} {last}",
        "tbc_account_id": account.id,
        "tbc_day_from": first,
        "tbc_day_to": last,
    }


def _lines_between(account, first, last):
    """Return the lines of the bank's movements, but for those made up for by hand."""
    return account.env["account.bank.statement.line"].search(
        [
            ("id", "not in", reversed_lines(account).ids),
            ("tbc_account_id", "=", account.id),
            ("tbc_movement_id", "!=", False),
            ("date", ">=", first),
            ("date", "<=", last),
            ("state", "=", "posted"),
        ]
    )


def _agrees(account, answer, lines):
    """Whether the bank's figures are those of ``lines``, and add up."""
    same, amounts = partial(is_equal, account.currency_id), lines.mapped("amount")
    return (
        same(answer.credit_sum, sum(a for a in amounts if a > 0))
        and same(answer.debit_sum, -sum(a for a in amounts if a < 0))
        and answer.opening_balance + answer.credit_sum - answer.debit_sum
        == answer.closing_balance
    )
