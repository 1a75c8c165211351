"""The check of the bank's answers: begun, taken a step at a time, stopped.

The scheduled action commits after each step, of a few questions, and begins the next one
where the last ended: nobody's browser waits for it, and a server may stop in between.
"""

import logging
from functools import partial

from odoo.exceptions import UserError
from odoo.tools import format_datetime

from ... import messages
from ...tbc import TbcBusy, TbcError, check
from ..calls import language_of
from ..clock import bank_today, utc_now
from ..connecting import (
    check_is_integration_user,
    check_may_call,
    open_client,
    record_refusal,
)
from ..locks import CONCURRENCY_ERRORS
from ..unexpected import guarded, unexpected_sentence

_logger = logging.getLogger(__name__)

UNFINISHED = ("waiting", "running")
# What the steps leave for each other, and nobody else.
_PASSING = ("account", "movement_id", "total", "days", "sent_order")
_PASSING += ("is_moment_form",)


def begin(integration, *, with_scenarios=False):
    """Return a new check (sudo), or the one of this integration that is under way.

    :param with_scenarios: send the sandbox's documented transfers, too
    """
    check_may_call(integration)
    _check_may_ask_now(integration)
    if with_scenarios:
        _check_may_try_transfers(integration)
    model_sudo = integration.env["tbc.check"].sudo()
    domain = [("integration_id", "=", integration.id), ("state", "in", UNFINISHED)]
    if found := model_sudo.search(domain, limit=1):
        return found
    vals = {"integration_id": integration.id, "with_scenarios": with_scenarios}
    started = model_sudo.create(vals)
    names = check.names_of_steps(_subject(started, integration.sudo()))
    started.step_count = len(names)
    return started


def begin_and_open(integration, *, with_scenarios=False):
    """Begin a check in the background, and return the action that shows it."""
    started = begin(integration, with_scenarios=with_scenarios)
    trigger_cron(integration.env)
    name = integration.env._("Check of the Bank's Answers")
    return started._get_records_action(name=name, context={})


def _check_may_ask_now(integration):
    """The bank may have asked to be left alone for a while."""
    moment = integration.not_before
    if moment and moment > utc_now():
        raise UserError(
            integration.env._(
                "The bank asks not to be called before %(moment)s. Check then.",
                moment=format_datetime(integration.env, moment),
            )
        )


def _check_may_try_transfers(integration):
    """Only in the sandbox, where nothing is real, and only by who may initiate."""
    if integration.environment != "sandbox":
        raise UserError(
            integration.env._(
                "Transfers are tried in the sandbox only: in production the check only "
                "asks, and sends no transfer."
            )
        )
    check_is_integration_user(integration)


def trigger_cron(env):
    env.ref("account_tbc_bank.ir_cron_check").sudo()._trigger()


def run_due_checks(checks):
    """Go on with each check that is not finished, while there is time."""
    for one in checks.search([("state", "in", UNFINISHED)], order="id"):
        # Whoever may open the integration reads what is kept.
        one = one.with_context(lang=language_of(one.company_id))
        told = partial(_record_unexpected, one)
        if guarded(one.env, partial(go_on, one), told) == "time_is_up":
            trigger_cron(one.env)
            return


def _record_unexpected(one, kind):
    end(one, "failed", unexpected_sentence(one.env, kind))


def go_on(one, tell=lambda _check: None):
    """Take the steps that are left; ``time_is_up`` if there is no time for all.

    :param tell: called with the check after each step
    """
    commit = one.env["ir.cron"]._commit_progress
    while _take(one):
        try:
            _take_step(one)
            seconds_left = commit()
        except CONCURRENCY_ERRORS:
            # Somebody has stopped it meanwhile: the step is taken again, or not.
            one.env.cr.rollback()
            continue
        tell(one)
        if not seconds_left:
            return "time_is_up"
    return None


def _take(one):
    """Whether there is a step to take, and no other worker takes it."""
    one.env.cr.execute(
        "SELECT pg_try_advisory_xact_lock(hashtext('tbc_check'), %s)", (one.id,)
    )
    is_ours = one.env.cr.fetchone()[0]
    one.invalidate_recordset()
    return is_ours and bool(one.exists()) and one.state in UNFINISHED


def _take_step(one):
    """Take the next step, and end the check after the last."""
    integration = one.integration_id
    subject, memory = _subject(one, integration), dict(one.memory or {})
    names = check.names_of_steps(subject)
    if one.steps_done >= len(names):
        end(one, "done")
        return
    try:
        with open_client(integration, check.Probe) as probe:
            rows = check.run_step(names[one.steps_done], probe, subject, memory)
    except TbcError as error:
        rows = [check.Row(key="busy", outcome=check.DIFFERS, seen={})]
        _keep(one, rows if isinstance(error, TbcBusy) else [], memory)
        record_refusal(integration, error)
        end(one, "failed", messages.user_message(one.env, error))
    except UserError as error:
        end(one, "failed", str(error))
    else:
        _keep(one, rows, memory)
        one.write({"state": "running", "steps_done": one.steps_done + 1})
        one.step_count = len(names)
        if one.steps_done == len(names):
            end(one, "done")


def _subject(one, integration):
    """What this integration may be asked about."""
    accounts = integration.account_ids
    account = max(accounts, key=lambda a: (a.line_count, -a.id), default=accounts)
    # Before the set-up, the first steps look for one.
    iban, currency = (one.memory or {}).get("account") or (None, None)
    is_sandbox = integration.environment == "sandbox"
    transfers = integration.can_initiate_transfers
    return check.Subject(
        iban=account.iban or iban,
        currency=account.currency_id.name or currency,
        today=bank_today(),
        reads=integration.can_read_statements,
        transfers=transfers,
        order=_order_at_the_bank(integration) if transfers else None,
        batch=_batch_at_the_bank(integration) if transfers else None,
        with_scenarios=one.with_scenarios and is_sandbox,
    )


def _order_at_the_bank(integration):
    """(our own ID, the bank's) of the last order that the bank has by itself."""
    order = integration.env["tbc.transfer"].search(
        [
            ("integration_id", "=", integration.id),
            ("bank_transfer_id", "!=", False),
            ("batch_id", "=", False),
        ],
        order="id desc",
        limit=1,
    )
    return (order.external_id, order.bank_transfer_id) if order else None


def _batch_at_the_bank(integration):
    """The same of the last batch that the bank has."""
    known = [
        ("integration_id", "=", integration.id),
        ("bank_batch_id", "!=", False),
    ]
    batches = integration.env["tbc.transfer.batch"]
    batch = batches.search(known, order="id desc", limit=1)
    return (batch.external_id, batch.bank_batch_id) if batch else None


def _keep(one, rows, memory):
    order = {key: place for place, key in enumerate(check.KEYS)}
    there = set(one.line_ids.mapped("key"))
    one.env["tbc.check.line"].create(
        [
            {
                "check_id": one.id,
                "sequence": order[row.key],
                "key": row.key,
                "outcome": row.outcome,
                "seen": row.seen,
            }
            for row in rows
            if row.key not in there
        ]
    )
    one.write({"memory": memory, "request_count": memory.get("requests", 0)})


def end(one, state, problem=False):
    """End a check: what no step has looked at could not be seen."""
    memory = one.memory or {}
    kept = {name: told for name, told in memory.items() if name not in _PASSING}
    _keep(one, check.unseen_rows(one.line_ids.mapped("key")), kept)
    one.write({"state": state, "problem": problem, "ended_at": utc_now()})


def stop(checks_sudo):
    """Ask nothing more; the rows that there are stay."""
    for one in checks_sudo.filtered(lambda one: one.state in UNFINISHED):
        end(one, "stopped")
