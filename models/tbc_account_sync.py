import json
import logging
from datetime import timedelta
from decimal import Decimal

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Domain
from odoo.tools import format_date

from .. import messages
from ..tbc import (
    TbcBusy,
    TbcError,
    TbcUnreachable,
    json_value,
    parse_movement,
    statement_line_values,
)
from .statement_read import OutOfTime, StatementRead
from .tbc_account import utc_now
from .tbc_integration import ATTENTION

_logger = logging.getLogger(__name__)

# A longer backlog is read by the scheduled action: a button must answer soon.
BUTTON_DAYS = 31
FAILURES_BEFORE_ACTIVITY = 3


class TbcAccount(models.Model):
    _inherit = "tbc.account"

    # === READING === #

    def sync(self):
        """Read these accounts from the bank, in the caller's transaction.

        An account that fails does not stop the others: the failure is told on its run
        and on the account. An account that another worker reads now is left to it.

        :return: the ``tbc.sync.run`` records, one per account read.
        """
        self._check_may_sync()
        runs = self.env["tbc.sync.run"]
        for account_sudo in self.sudo():
            # The lock comes first: whoever waited for it must not decide on what the
            # account looked like before.
            account_sudo.flush_recordset()
            if account_sudo.try_lock_for_update(allow_referencing=True):
                runs |= account_sudo._sync_locked(lambda: True)
        return runs.with_env(self.env)

    def _check_may_sync(self):
        self.check_access("read")
        if self.env.su or self.integration_id.user_id == self.env.user:
            return
        if not self.env.user.has_group("account_tbc_bank.group_tbc_statements"):
            raise AccessError(
                self.env._("Only users of TBC Bank's statements may read accounts.")
            )

    @api.model
    def _cron_sync(self):
        """Read every account that is due, one commit a page."""
        accounts = self.search(self._due_domain(), order="last_sync_at NULLS FIRST, id")
        ir_cron = self.env["ir.cron"]
        ir_cron._commit_progress(remaining=len(accounts))
        unreachable = self.env["tbc.integration"]
        for account in accounts:
            if account.integration_id in unreachable:
                continue
            unreachable |= account._cron_sync_one()
            if not ir_cron._commit_progress(1):
                break

    def _due_domain(self):
        return Domain(
            [
                ("journal_id", "!=", False),
                ("integration_id.state", "=", "connected"),
                ("integration_id.can_read_statements", "=", True),
            ]
        ) & (
            Domain("integration_id.not_before", "=", False)
            | Domain("integration_id.not_before", "<=", fields.Datetime.now())
        )

    def _cron_sync_one(self):
        """Read one account; return its integration where the others need not try."""
        self.ensure_one()
        account = self.try_lock_for_update(allow_referencing=True)
        # The last commit began a new view of the data: what another worker did to
        # this account since the list was made is seen now.
        account = account.filtered_domain(self._due_domain())
        if not account:
            return self.env["tbc.integration"]
        run = account._sync_locked(account._commit_page)
        spared = run.env.context.get("tbc_unreachable")
        return account.integration_id if spared else self.env["tbc.integration"]

    def _commit_page(self):
        """Commit a page; return whether there is time and the account is still ours."""
        seconds_left = self.env["ir.cron"]._commit_progress()
        return bool(seconds_left and self.try_lock_for_update(allow_referencing=True))

    def _sync_locked(self, commit):
        """Read one locked account (sudo); return its run."""
        self.ensure_one()
        account = self.with_company(self.company_id).with_context(
            lang=self.integration_id.user_id.lang,
            # Odoo's audit trail is made of these messages; elsewhere they only cost.
            tracking_disable=not self.company_id.restrictive_audit_trail,
        )
        account.run_ids.filtered(lambda run: run.state == "running").state = "cut"
        run = self.env["tbc.sync.run"].create({"account_id": account.id})
        try:
            account._check_may_read()
            with account.integration_id._client() as client:
                StatementRead(account, client, run, commit).read()
        except OutOfTime:
            run.state = "partial"
        except TbcError as error:
            account._record_failure(run, messages.user_message(account.env, error))
            account.integration_id._record_refusal(error)
            run.trace_id = error.trace_id or run.trace_id
            if isinstance(error, TbcUnreachable | TbcBusy):
                run = run.with_context(tbc_unreachable=True)
        except UserError as error:
            account._record_failure(run, str(error))
        else:
            account._record_success(run)
        account.reading_at = False
        return run

    def _check_may_read(self):
        """Raise a sentence unless account and integration allow a read."""
        integration = self.integration_id
        if not self.journal_id:
            raise UserError(self.env._("Link a journal first, or create one."))
        if not integration.can_read_statements:
            raise UserError(
                self.env._(
                    "%(name)s may not view statements: tick that permission here and in"
                    " Business Internet Banking.",
                    name=integration.name,
                )
            )
        if integration.state == "paused":
            raise UserError(integration.pause_reason)
        if integration.not_before and integration.not_before > fields.Datetime.now():
            raise UserError(
                self.env._("The bank asked not to be called for a while. Try later.")
            )

    def _record_success(self, run):
        self.write(
            {
                "last_sync_at": utc_now(),
                "last_error": False,
                "failure_count": 0,
            }
        )
        self._forget_figures()
        self.activity_unlink([ATTENTION])
        if self.integration_id.state == "draft":
            self.integration_id.state = "connected"
        run.write(
            {
                "state": "done",
                "held": self.held_count,
                "bank_balance": self.bank_balance,
                "difference": self.difference,
            }
        )

    def _record_failure(self, run, sentence):
        """Tell a failure on the run and the account; the third one calls for a person."""
        _logger.info("TBC account %s: the read failed", self.id)
        run.write({"state": "failed", "error": sentence, "held": self.held_count})
        self.write({"last_error": sentence, "failure_count": self.failure_count + 1})
        if self.failure_count == FAILURES_BEFORE_ACTIVITY:
            self.activity_schedule(
                ATTENTION,
                user_id=self.integration_id.user_id.id,
                summary=self.env._("TBC Bank: the statements can't be read"),
                note=sentence,
            )

    # === BOOKING === #

    def _known_movement_ids(self, movement_ids):
        """Return which of ``movement_ids`` are booked, in one query."""
        lines = self.env["account.bank.statement.line"].search_fetch(
            [
                ("tbc_account_id", "=", self.id),
                ("tbc_movement_id", "in", movement_ids),
            ],
            ["tbc_movement_id"],
            order="id",
        )
        return set(lines.mapped("tbc_movement_id"))

    def _sort_out(self, movements):
        """Part movements into a list to book and ``{id: (reason, detail, movement)}``."""
        bookable, held = [], {}
        currencies = dict(self._active_currencies())
        locked = {}
        for movement in movements:
            day = movement.day
            if day not in locked:
                locked[day] = bool(self._lock_violations(day))
            values = statement_line_values(movement)
            needed = {self.currency_id.name, values["foreign_currency"]} - {None}
            missing = needed - currencies.keys()
            if not movement.is_authorised:
                reason, detail = "waiting", None
            elif not self._is_own(movement):
                reason, detail = "account", None
            elif missing:
                reason, detail = "currency", ", ".join(sorted(missing))
            elif locked[day]:
                reason, detail = "locked", None
            else:
                bookable.append(movement)
                continue
            held[movement.movement_id] = (reason, detail, movement)
        return bookable, held

    def _is_own(self, movement):
        return movement.currency == self.currency_id.name and (
            movement.account_iban in (None, self.iban)
        )

    def _active_currencies(self):
        currencies = self.env["res.currency"].search_fetch([], ["name"])
        return [(currency.name, currency.id) for currency in currencies]

    def _lock_violations(self, day):
        return self.company_id._get_lock_date_violations(
            day, sale=False, purchase=False, tax=False
        )

    def _create_statement_lines(self, movements):
        """Create the lines of ``movements`` in one call.

        Where Odoo refuses, one by one, so that one bad movement keeps nobody out.

        :return: ids booked, and ``{id: (reason, detail, movement)}`` of those refused.
        """
        vals_list = self._prepare_statement_line_vals_list(movements)
        try:
            self._create_together(vals_list)
            return [movement.movement_id for movement in movements], {}
        except UserError:
            booked, refused = [], {}
        for movement, vals in zip(movements, vals_list, strict=True):
            try:
                self._create_together([vals])
                booked.append(movement.movement_id)
            except UserError as error:
                refused[movement.movement_id] = ("refused", str(error), movement)
        return booked, refused

    def _create_together(self, vals_list):
        with self.env.cr.savepoint():
            self.env["account.bank.statement.line"].create(vals_list)

    def _prepare_statement_line_vals_list(self, movements):
        """Turn the core's plain values into Odoo's: ids for codes, and the partner."""
        currencies = dict(self._active_currencies())
        partners = self._match_partners(movements)
        vals_list = []
        for movement in movements:
            vals = statement_line_values(movement)
            code = vals.pop("foreign_currency")
            vals_list.append(
                {
                    **vals,
                    "journal_id": self.journal_id.id,
                    "tbc_account_id": self.id,
                    "partner_id": partners.get(movement.movement_id, False),
                    "foreign_currency_id": currencies[code] if code else False,
                    "amount": float(vals["amount"]),
                    "amount_currency": float(vals["amount_currency"] or 0),
                }
            )
        return vals_list

    def _match_partners(self, movements):
        """Return ``{movement id: partner id}``: by tax code, else by IBAN.

        Two candidates are none, and no partner is ever created.
        """
        tax_codes = {m.counterparty.tax_code for m in movements} - {None}
        ibans = {m.counterparty.iban for m in movements} - {None}
        by_tax_code = self._partners_by_tax_code(tax_codes)
        by_iban = self._partners_by_iban(ibans)
        matches = {}
        for movement in movements:
            candidates = by_tax_code.get(movement.counterparty.tax_code) or by_iban.get(
                movement.counterparty.iban
            )
            if candidates and len(candidates) == 1:
                matches[movement.movement_id] = candidates.id
        return matches

    def _partners_by_tax_code(self, tax_codes):
        """Return ``{tax code: commercial partners}``; a VAT may begin with GE."""
        numbers = [number for code in tax_codes for number in (code, f"GE{code}")]
        partners = self.env["res.partner"].search(
            [("vat", "in", numbers), ("company_id", "in", (False, self.company_id.id))]
        )
        found = {}
        for partner in partners:
            code = partner.vat.removeprefix("GE")
            known = found.get(code, self.env["res.partner"])
            found[code] = known | partner.commercial_partner_id
        return found

    def _partners_by_iban(self, ibans):
        banks = self.env["res.partner.bank"].search(
            [
                ("sanitized_acc_number", "in", list(ibans)),
                ("company_id", "in", (False, self.company_id.id)),
            ]
        )
        found = {}
        for bank in banks:
            number = bank.sanitized_acc_number
            known = found.get(number, self.env["res.partner"])
            found[number] = known | bank.partner_id.commercial_partner_id
        return found

    # === HELD MOVEMENTS === #

    def _held_from_books(self):
        """Return the held movements whose obstacle was Odoo's, to be tried again."""
        held = self.held_ids.filtered(
            lambda record: record.reason in ("locked", "currency", "refused", "account")
        )
        return [
            parse_movement(json.loads(json.dumps(record.raw), parse_float=Decimal))
            for record in held
        ]

    def _hold(self, held, *, released):
        """Keep ``{id: (reason, detail, movement)}``; drop the ids ``released``."""
        if not held and not self.held_ids:
            return
        records = {record.movement_id: record for record in self.held_ids}
        for movement_id in released & records.keys():
            records.pop(movement_id).unlink()
        for movement_id, (reason, detail, movement) in held.items():
            vals = self._prepare_held_vals(reason, detail, movement)
            if movement_id in records:
                records[movement_id].write(vals)
            else:
                self.env["tbc.held.movement"].create(
                    {**vals, "account_id": self.id, "movement_id": movement_id}
                )

    def _prepare_held_vals(self, reason, detail, movement):
        vals = {
            "reason": reason,
            "detail": detail,
            "day": movement.day,
            "raw": json_value(movement.raw),
        }
        if reason != "unreadable":
            values = statement_line_values(movement)
            vals.update(amount=float(movement.amount), label=values["payment_ref"])
        return vals

    # === PROOF === #

    def _book_opening_line(self):
        """Enter the bank's opening balance on the day before the first day wanted.

        On the first day itself where the day before is locked; while that is locked
        too it waits. Its counterpart is the account of Odoo's own opening entry.
        """
        if (
            not self.book_opening
            or self.opening_line_id
            or self.currency_id.is_zero(self.bank_opening_balance)
        ):
            return
        days = (self.sync_from - timedelta(days=1), self.sync_from)
        open_days = [day for day in days if not self._lock_violations(day)]
        if not open_days:
            return
        counterpart = self.company_id.get_unaffected_earnings_account()
        self.opening_line_id = self.env["account.bank.statement.line"].create(
            {
                "journal_id": self.journal_id.id,
                "date": open_days[0],
                "amount": self.bank_opening_balance,
                "payment_ref": self.env._("Opening balance at the bank"),
                "counterpart_account_id": counterpart.id,
            }
        )

    def _has_unexplained_difference(self):
        """Whether books and bank differ by more than what is held or not opened."""
        self._forget_figures()
        held = sum(
            self.held_ids.filtered(lambda h: h.reason != "waiting").mapped("amount")
        )
        opening = 0.0 if self.opening_line_id else self.bank_opening_balance
        difference = self.currency_id.round(self.difference + held)
        return not self.currency_id.is_zero(difference) and bool(
            self.currency_id.compare_amounts(difference, -opening)
        )

    def _forget_figures(self):
        """Drop what was computed from the books before lines were added to them."""
        self.invalidate_recordset(
            ["books_balance", "difference", "health", "health_message", "line_count"]
        )

    # === BUTTONS === #

    def action_sync(self):
        """Read now and tell the result; a long backlog goes to the background."""
        self._check_may_sync()
        backlog = self.sudo().filtered(lambda account: account._is_backlog())
        if backlog:
            self.env.ref("account_tbc_bank.ir_cron_sync").sudo()._trigger()
        runs = (self - backlog.with_env(self.env)).sync()
        sentences = [run._sentence() for run in runs]
        sentences += [account._backlog_sentence() for account in backlog]
        busy = self - runs.account_id - backlog
        sentences += [
            self.env._(
                "%(account)s is being read already.", account=account.display_name
            )
            for account in busy
        ]
        failed = runs.filtered(lambda run: run.state == "failed")
        differing = runs.account_id.filtered(lambda account: account.health != "ok")
        kind = "danger" if failed else "warning" if differing else "success"
        return self.integration_id[:1]._notice("\n".join(sentences), kind=kind)

    def _is_backlog(self):
        """Whether so much is to be read that a click should not wait for it."""
        self.ensure_one()
        begin = self.synced_until or self.sync_from
        return (
            self.integration_id.state == "connected"
            and bool(self.journal_id)
            and (self._bank_today() - begin).days > BUTTON_DAYS
        )

    def _backlog_sentence(self):
        return self.env._(
            "%(account)s is being read from %(day)s on, in the background.",
            account=self.display_name,
            day=format_date(self.env, self.synced_until or self.sync_from),
        )
