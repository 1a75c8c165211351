"""People who settle bank lines, as the browser has it done."""

import os
import signal
import time

from work import Work, wait_until

from odoo.service.model import retrying


class SettleWork(Work):
    """The pieces of work around one bank line and its invoice."""

    def settle_line(self, login, movement_id, how, at=None, holds=0, dies=None):
        """Settle the line of a movement as a person; committed at the end.

        :param how: ``invoice``: what its amount pays; ``account``: an expense;
            ``back``: what was settled is taken back
        :param at: the second (of ``time.time``) to begin at
        :param holds: for how many seconds the work is done, and not yet committed
        :param dies: whether this process kills itself ``before`` or ``after`` that
        """
        wait_until(at)

        def act():
            line = self._line(env, movement_id)
            settlement = getattr(self, f"_by_{how}")(line)
            told = line.tbc_settle(settlement) if settlement else line.tbc_unsettle()
            env.flush_all()
            time.sleep(holds)
            if dies == "before":
                os.kill(os.getpid(), signal.SIGKILL)
            return list(told["cards"])

        with self.person(login) as env:
            found = retrying(act, env)
            if dies == "after":
                os.kill(os.getpid(), signal.SIGKILL)
            return found

    def name_partner(self, login, movement_id, name=None, at=None, holds=0):
        """Set the partner of the line of a movement as a person, or take him back.

        :param name: of a new partner; none: he is taken back
        :return: how many lines there are of which that was done
        """
        wait_until(at)

        def act():
            line = self._line(env, movement_id)
            if name:
                partner = env["res.partner"].sudo().create({"name": name})
                told = line.tbc_set_partner(partner.id)
            else:
                told = line.tbc_unset_partner()
            env.flush_all()
            time.sleep(holds)
            return len(told["cards"])

        with self.person(login) as env:
            return retrying(act, env)

    def named(self, movement_id):
        """The name of the line's partner, and of its items' partners."""
        with self.env() as env:
            line = self._line(env, movement_id)
            names = set(line.line_ids.mapped("partner_id.name"))
            return {"line": line.partner_id.name or None, "items": sorted(names)}

    def _line(self, env, movement_id):
        lines = env["account.bank.statement.line"]
        # Each test has a bank of its own, and all of them count from one.
        known = [("tbc_movement_id", "=", movement_id)]
        return lines.search(known, order="id desc", limit=1)

    def _by_invoice(self, line):
        [item] = line.env["account.move.line"].search(
            [
                ("account_type", "=", "asset_receivable"),
                ("move_type", "=", "out_invoice"),
                ("balance", "=", line.amount),
            ]
        )
        return {"items": [{"id": item.id, "amount": None}]}

    def _by_account(self, line):
        accounts = line.env["account.account"]
        account = accounts.search([("account_type", "=", "expense")], limit=1)
        return {"parts": [{"account_id": account.id, "amount": None}]}

    def _by_back(self, line):
        return None

    def settled(self, movement_id):
        """How the line stands, and what its entry and its invoice hold."""
        with self.env() as env:
            line = self._line(env, movement_id)
            _liquidity, suspense, others = line._seek_for_lines()
            return {
                "by": line.tbc_settled_by_id.login or None,
                "matched": line.is_reconciled,
                "note": bool(line.tbc_match_note),
                "suspense": len(suspense),
                "kinds": sorted(set(others.mapped("account_type"))),
                "partials": len(others.matched_debit_ids | others.matched_credit_ids),
                "balance": round(sum(line.line_ids.mapped("balance")), 2),
            }
