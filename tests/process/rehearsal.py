"""What most workers do is done once before they are forked, and undone.

They begin with Odoo's caches full: to fill them takes longer than what most tests do.
"""

from odoo.fields import Command


def rehearse(work):
    """Make the company of the tests, and do some of its bookkeeping.

    :param work: a :class:`work.Work`
    """
    with work.env() as env:
        company, _director = work._company(env)
    with work.env() as env:
        _keep_books(env(context={"allowed_company_ids": company.ids}))
        env.flush_all()
        env.cr.rollback()


def _keep_books(env):
    partner = env["res.partner"].create({"name": "Rehearsal", "is_company": True})
    journal = env["account.journal"].create(
        {"name": "Rehearsal", "type": "bank", "code": "REHE"}
    )
    lines = env["account.bank.statement.line"].create(
        [
            {
                "journal_id": journal.id,
                "date": "2026-06-15",
                "amount": amount,
                "payment_ref": "Rehearsal",
            }
            for amount in (1.25, -2.25)
        ]
    )
    lines.read()
    bill = env["account.move"].create(
        {
            "move_type": "in_invoice",
            "partner_id": partner.id,
            "invoice_date": "2026-06-20",
            "invoice_line_ids": [
                Command.create({"name": "Goods", "price_unit": 3.25, "tax_ids": [(5,)]})
            ],
        }
    )
    bill.action_post()
    payment = env["account.payment"].create(
        {
            "payment_type": "outbound",
            "partner_type": "supplier",
            "partner_id": partner.id,
            "amount": 3.25,
            "date": "2026-06-30",
            "journal_id": journal.id,
        }
    )
    payment.action_post()
    env.flush_all()
