"""Matching bank lines, as the scheduled action does it."""

import os
import signal
from unittest.mock import patch

from work import Work, wait_until

from odoo.fields import Command

CHUNK = "odoo.addons.account_tbc_bank.services.matching.run.CHUNK"
TAX_CODE = "404123456"


class MatchingWork(Work):
    """The pieces of work around open invoices and their bank lines."""

    def make_invoices(self, integration_id, amounts):
        """Post one invoice an amount to the customer of :data:`TAX_CODE`."""
        with self.env() as env:
            company = env["tbc.integration"].browse(integration_id).company_id
            env = env(context={"allowed_company_ids": company.ids})
            partners = env["res.partner"]
            customer = partners.search([("vat", "=", TAX_CODE)], limit=1)
            customer = customer or partners.create({"name": "C", "vat": TAX_CODE})
            invoices = env["account.move"].create(
                [
                    {
                        "move_type": "out_invoice",
                        "partner_id": customer.id,
                        "invoice_date": "2026-06-10",
                        "invoice_line_ids": [
                            Command.create(
                                {
                                    "name": "Goods",
                                    "price_unit": amount,
                                    "tax_ids": [Command.clear()],
                                }
                            )
                        ],
                    }
                    for amount in amounts
                ]
            )
            invoices.action_post()
            return invoices.ids

    def cron_match(self, at=None, dies_at=None, moment="before"):
        """Do what the scheduled action does, one case a commit.

        :param at: the second (of ``time.time``) to begin at
        :param dies_at: which commit this process kills itself at
        :param moment: ``before`` or ``after`` that commit
        """
        wait_until(at)
        cron = self.registry["ir.cron"]
        commit, count = cron._commit_progress, [0]

        def watched(record, *args, **kwargs):
            count[0] += 1
            dies = count[0] == dies_at
            if dies and moment == "before":
                os.kill(os.getpid(), signal.SIGKILL)
            left = commit(record, *args, **kwargs)
            if dies:
                os.kill(os.getpid(), signal.SIGKILL)
            return left

        with (
            self.env() as env,
            patch(CHUNK, 1),
            patch.object(cron, "_commit_progress", watched),
        ):
            env["tbc.account"]._cron_match()

    def matches(self, account_id, invoice_ids):
        """How each invoice stands, how often each is paid, and what is in suspense."""
        with self.env() as env:
            invoices = env["account.move"].browse(invoice_ids)
            lines = env["account.bank.statement.line"].search(
                [("tbc_account_id", "=", account_id)]
            )
            suspense = lines.line_ids.filtered(
                lambda item: item.account_id == item.journal_id.suspense_account_id
            )
            return {
                "states": sorted(set(invoices.mapped("payment_state"))),
                "paid": invoices.mapped("payment_state").count("paid"),
                "payments": [len(one.line_ids.matched_credit_ids) for one in invoices],
                "notes": len(lines.filtered("tbc_match_note")),
                "matched": len(lines.filtered("is_reconciled")),
                "suspense": len(suspense),
            }
