import json

from odoo import api, fields, models
from odoo.exceptions import AccessError
from odoo.fields import Domain
from odoo.tools import SQL

from ..services.buttons import at_least_one, only_one
from ..services.kept_days import mark_moves_stale
from ..services.matching import screen, taught, undo
from ..services.matching.cards import MOST_CARDS, match_cards
from ..services.matching.counterparties import (
    make_partner,
    set_partner,
    set_partner_many,
)
from ..services.matching.details import match_details
from ..services.matching.partner_back import take_back_partner
from ..services.matching.settle import lines_to_unsettle, settle, settle_many
from ..services.own_columns import by_own_columns
from ..services.transfers.bank_line import match_candidate
from ..services.words import fill_words
from .system_fields import SYSTEM, cleared_to_create, forbid_user_write


class AccountBankStatementLine(models.Model):
    _inherit = "account.bank.statement.line"

    # === WHAT THE BANK TELLS === #

    tbc_account_id = fields.Many2one(
        "tbc.account",
        string="TBC Account",
        **SYSTEM,
        index="btree_not_null",
        ondelete="restrict",
    )
    tbc_movement_id = fields.Char(
        string="TBC Movement ID",
        **SYSTEM,
        help="The bank's own ID, with its .1 (debit) or .2 (credit).",
    )
    tbc_payment_id = fields.Char(
        string="TBC Payment ID",
        **SYSTEM,
        index="btree_not_null",
        help="The bank's ID of the transfer that this transaction executed.",
    )
    tbc_operation_id = fields.Char(
        string="TBC Operation ID",
        **SYSTEM,
        index="btree_not_null",
        help="The bank's ID of the operation; both legs of a transfer have it.",
    )
    tbc_parent_operation_id = fields.Char(
        string="TBC Parent Operation ID",
        **SYSTEM,
        help="The operation that this fee or return belongs to.",
    )
    tbc_day = fields.Date(
        string="Bank's Day",
        **SYSTEM,
        help="The Georgian day on which the bank counts this transaction.",
    )
    tbc_amount = fields.Monetary(
        string="Bank's Amount",
        **SYSTEM,
        currency_field="currency_id",
        help="The amount as the bank last told it; empty on those of older versions.",
    )
    tbc_movement_text = fields.Text(
        string="Transaction as the Bank Sent It",
        compute="_compute_tbc_movement_text",
        search="_search_tbc_movement_text",
    )

    tbc_words = fields.Char(
        string="Label, Counterparty, Document",
        compute="_compute_tbc_words",
        store=True,
        index="trigram",
        help="What the list of transactions is searched for.",
    )

    # === HOW IT WAS MATCHED === #

    tbc_parent_line_id = fields.Many2one(
        "account.bank.statement.line",
        string="Belongs To",
        **SYSTEM,
        index="btree_not_null",
        ondelete="set null",
        help="The operation of which this is the fee, or which it returns.",
    )
    tbc_match_note = fields.Char(
        string="Matched Because",
        **SYSTEM,
        help="Why this transaction was matched automatically, or how somebody matched"
        " it.",
    )
    tbc_match_undone = fields.Boolean(
        string="Matching Undone",
        **SYSTEM,
        help="Somebody undid an automatic match: it stays undone.",
    )
    tbc_match_problem = fields.Char(
        string="Still to Match Because",
        **SYSTEM,
        help="What Odoo said when this transaction was to be matched, which is tried "
        "again a day later; or what is not certain about it.",
    )
    tbc_match_refused_at = fields.Datetime(**SYSTEM)
    tbc_match_by_amount = fields.Boolean(
        string="Matched by Its Amount Alone",
        **SYSTEM,
        help="Only the exact amount told what this transaction pays.",
    )

    tbc_rule_id = fields.Many2one(
        "tbc.operation.rule",
        string="Operation Rule",
        **SYSTEM,
        index="btree_not_null",
        ondelete="set null",
        help="The rule that booked this transaction, or that was made of it.",
    )

    # === HOW A PERSON SETTLED IT === #

    tbc_settled_by_id = fields.Many2one(
        "res.users",
        string="Matched By",
        **SYSTEM,
        index="btree_not_null",
        ondelete="restrict",
        help="Who matched this transaction on Transactions to Match.",
    )
    tbc_settled_at = fields.Datetime(
        string="Matched At", **SYSTEM, index="btree_not_null"
    )

    tbc_naming = fields.Json(
        string="Partner Set By Hand",
        **SYSTEM,
        help="Who was the partner before somebody set another one on Transactions to"
        " Match, for its undo.",
    )

    # The net below the read's own look-up: whatever two workers do, the database
    # takes a movement once.
    _tbc_movement_uniq = models.UniqueIndex(
        "(tbc_account_id, tbc_movement_id) WHERE tbc_movement_id IS NOT NULL",
        "This transaction of the bank is booked already.",
    )

    # A few days are looked up at each read, in accounts of a million lines.
    _tbc_day_idx = models.Index(
        "(tbc_account_id, tbc_day) INCLUDE (move_id) WHERE tbc_account_id IS NOT NULL"
    )

    # What was written since the last read.
    _tbc_written_idx = models.Index(
        "(tbc_account_id, write_date) WHERE tbc_account_id IS NOT NULL"
    )

    # The list of transactions begins with the newest, and is counted: of one company,
    # of several. As the ORM says that there is a movement, so that no row is looked at.
    _tbc_newest_idx = models.Index(
        "(internal_index) INCLUDE (company_id) WHERE tbc_movement_id != ''"
    )
    _tbc_of_company_idx = models.Index(
        "(company_id, internal_index) WHERE tbc_movement_id != ''"
    )

    # What was matched by its amount alone is looked at again by each matching. As the
    # ORM says it: PostgreSQL takes the index for nothing else.
    _tbc_by_amount_idx = models.Index(
        "(tbc_account_id) WHERE tbc_match_by_amount IS TRUE"
    )

    # What a counterparty's, a partner's or a kind's latest settlements were, and the
    # other leg of a transfer: looked up for each page of Transactions to Match.
    _tbc_settled_name_idx = models.Index(
        "(partner_name, internal_index) WHERE is_reconciled"
    )
    _tbc_settled_iban_idx = models.Index(
        "(account_number, internal_index) WHERE is_reconciled"
    )
    _tbc_settled_tax_code_idx = models.Index(
        "((transaction_details->'partnerAccountInfo'->>'taxCode'), internal_index)"
        " WHERE is_reconciled"
    )
    _tbc_settled_partner_idx = models.Index(
        "(partner_id, internal_index) WHERE is_reconciled"
    )
    _tbc_settled_in_idx = models.Index(
        "(transaction_type, internal_index) WHERE is_reconciled AND amount > 0"
    )
    _tbc_settled_out_idx = models.Index(
        "(transaction_type, internal_index) WHERE is_reconciled AND amount < 0"
    )
    _tbc_open_amount_idx = models.Index(
        "(amount, internal_index) WHERE is_reconciled IS NOT TRUE"
    )

    # What took its partner at once is taken back at once.
    _tbc_naming_idx = models.Index(
        "((tbc_naming->>'key')) WHERE tbc_naming IS NOT NULL"
    )

    # === COMPUTE METHODS === #

    @api.depends("payment_ref", "partner_name", "ref")
    def _compute_tbc_words(self):
        for line in self:
            words = (line.payment_ref, line.partner_name, line.ref)
            line.tbc_words = "\n".join(filter(None, words))

    @api.depends("transaction_details")
    def _compute_tbc_movement_text(self):
        for line in self:
            line.tbc_movement_text = line.tbc_movement_id and json.dumps(
                line.transaction_details, ensure_ascii=False, indent=2
            )

    def _search_tbc_movement_text(self, operator, value):
        if operator in ("in", "not in"):
            # "Is set" and "is not set".
            return [("tbc_movement_id", operator, value)]
        if operator != "ilike":
            return NotImplemented
        # Only the lines that somebody may see are searched: each text is read whole.
        return [
            ("tbc_movement_id", "!=", False),
            ("company_id", "in", self.env.companies.ids),
            Domain.custom(
                to_sql=lambda model, alias, query: SQL(
                    "%s::text ILIKE %s",
                    model._field_to_sql(alias, "transaction_details", query),
                    f"%{value}%",
                ),
                predicate=lambda line: (
                    value.lower() in (line.tbc_movement_text or "").lower()
                ),
            ),
        ]

    # === LOW-LEVEL METHODS === #

    def _auto_init(self):
        """Fill the column that is searched at once: Odoo would take line by line."""
        fill_words(self)
        return super()._auto_init()

    @api.model
    def _search(self, domain, offset=0, limit=None, order=None, **options):
        """Entries are not joined for what the line has itself.

        Where so many are counted at most, the newest are: they lie together.
        """
        order = order or (limit and self._order)
        domain = by_own_columns(domain)
        return super()._search(domain, offset, limit, order, **options)

    @api.model_create_multi
    def create(self, vals_list):
        clean = cleared_to_create(self, vals_list)
        lines = super(AccountBankStatementLine, clean).create(vals_list)
        return lines.with_env(self.env)

    def write(self, vals):
        forbid_user_write(self, vals)
        if "tbc_day" in vals or "tbc_account_id" in vals:
            mark_moves_stale(self.move_id)
        return super().write(vals)

    def unlink(self):
        """What a difference says to delete can be: it leaves our statement first.

        Odoo deletes nothing out of a valid statement.
        """
        differences_sudo = self.env["tbc.difference"].sudo()
        differences_sudo = differences_sudo.with_context(active_test=False).search(
            [
                ("line_id", "in", self.ids),
                ("kind", "in", ("not_at_bank", "by_hand")),
            ]
        )
        self.browse(differences_sudo.line_id.ids)._tbc_leave_statement()
        mark_moves_stale(self.move_id)
        return super().unlink()

    def _tbc_leave_statement(self):
        """Leave the statement that was made of the bank's figures.

        The next read makes that anew.
        """
        inside = self.filtered("statement_id.tbc_account_id")
        if inside:
            inside.statement_id = False

    @api.ondelete(at_uninstall=False)
    def _unlink_except_tbc_movement(self):
        """A line that somebody deletes is missed until its day is read again."""
        allowed = self.env.su or self.env.user.has_group(
            "account.group_account_manager"
        )
        if not allowed and self.filtered("tbc_movement_id"):
            raise AccessError(
                self.env._(
                    "The bank has this transaction, so only an accounting administrator"
                    " may delete its line."
                )
            )

    # === ACTION METHODS === #

    def action_tbc_to_match(self):
        """Show this line on the screen where it is settled."""
        only_one(self)
        action = screen.to_match_action(self.env)
        action["domain"] = [("id", "=", self.id)]
        action["context"] = {}
        return action

    def action_undo_reconciliation(self):
        """What was matched without anybody and is undone by somebody stays undone.

        Odoo calls this without lines whenever an item is written, also for each of a page.
        """
        if not self:
            return None
        lines = undo.undone_with(self)
        undo.check_undo(lines)
        matched = lines.filtered("tbc_match_note")
        undo.part_netted(matched)
        result = super(AccountBankStatementLine, lines).action_undo_reconciliation()
        undo.forget_reasons(matched)
        return result

    def action_tbc_match_again(self):
        """Let these lines be matched without anybody again."""
        self.check_access("write")
        self.sudo().write({"tbc_match_undone": False, "tbc_match_refused_at": False})
        self.env.ref("account_tbc_bank.ir_cron_match").sudo()._trigger()

    def action_tbc_match_order(self):
        """Match with the transfer order on whose screen this line is offered."""
        order = self.env["tbc.transfer"].browse(self.env.context.get("tbc_order_id"))
        order = order.exists()
        only_one(self)
        only_one(order)
        match_candidate(order, self)
        return {"type": "ir.actions.client", "tag": "soft_reload"}

    # === TRANSACTIONS TO MATCH === #

    def tbc_settle(self, settlement):
        """Settle this line; return ``{"cards": {line id: card}}`` of what changed.

        ``settlement`` is a dict. Amounts are signed as the line is, in its currency:

        - ``items``: ``[{"id", "amount", "in_full"}]``, open journal items;
          ``amount`` may be ``None``: what the item needs; ``in_full``: an item in
          another currency is paid wholly by that amount;
        - ``left_open``: the line pays less than the items, and the last stays open;
        - ``parts``: ``[{"account_id", "amount", "tax_ids", "partner_id",
          "analytic_distribution", "label"}]``; ``amount`` of ``None``: what is left;
        - ``other_line_id``: the other leg of an own transfer;
        - ``on_account``: ``"customer"`` or ``"vendor"``: what is left goes to the
          account of the partner;
        - ``partner_id``, ``why``: who it is, and the proposal's reason.

        :raise UserError: it can't be settled so; the sentence says why.
        """
        only_one(self)
        return {"cards": match_cards(settle(self, settlement))}

    def tbc_settle_many(self, settlement):
        """Settle each of these lines so, or by its first proposal.

        :param settlement: as for ``tbc_settle``, or ``{"first_proposal": True}``
        :return: ``{"settled": [ids], "problems": {id: sentence}, "cards"}``
        """
        at_least_one(self)
        values_of = dict.fromkeys(self, settlement)
        if isinstance(settlement, dict) and settlement.get("first_proposal"):
            values_of = self._tbc_first_proposals()
        settled, problems = settle_many(self, values_of)
        return {
            "settled": settled.ids,
            "problems": {line.id: sentence for line, sentence in problems.items()},
            "cards": match_cards(self | settled),
        }

    def _tbc_first_proposals(self):
        cards = match_cards(self)
        proposals = {line: cards.get(line.id, {}).get("proposals") for line in self}
        return {
            line: found[0]["settlement"] if found else None
            for line, found in proposals.items()
        }

    def tbc_unsettle(self):
        """Take back what settled these lines; the scheduled matching leaves them alone."""
        at_least_one(self)
        lines = lines_to_unsettle(self)
        self.action_undo_reconciliation()
        undo.forget_reasons(lines)
        return {"cards": match_cards(lines)}

    def tbc_set_partner(self, partner_id):
        """Name the partner of this line and of the others of its counterparty.

        :return: ``{"cards", "others": n}``
        """
        only_one(self)
        return self._tbc_told(set_partner(self, partner_id))

    def tbc_set_partner_many(self, partner_id):
        """Name the partner of each of these lines, and of others as ``tbc_set_partner``.

        :return: ``{"cards", "others": n, "problems": {id: sentence}}``
        """
        at_least_one(self)
        named, problems = set_partner_many(self, partner_id)
        return {
            **self._tbc_told(self | named),
            "problems": {line.id: sentence for line, sentence in problems.items()},
        }

    def tbc_make_partner(self):
        """Make the partner of what the bank says; see ``tbc_set_partner``."""
        only_one(self)
        return self._tbc_told(make_partner(self))

    def tbc_unset_partner(self):
        """Give these lines, and what was named with them, their earlier partner again.

        :return: ``{"cards", "others": n}``
        """
        at_least_one(self)
        return self._tbc_told(take_back_partner(self))

    def _tbc_told(self, lines):
        return {"cards": match_cards(lines), "others": len(lines - self)}

    def tbc_rule_draft(self):
        """Return what an operation rule made of this line may ask for.

        ``{"name", "conditions": [{"field", "value", "label", "on", "vals"}], "fits"}``
        """
        only_one(self)
        self.check_access("read")
        return taught.rule_draft(self)

    def tbc_rule_fits(self, rule_vals):
        """Return how many other open transactions a rule with these values fits."""
        only_one(self)
        self.check_access("read")
        return len(taught.fitting_lines(self, rule_vals))

    def tbc_settle_always(self, settlement, rule_vals, apply=False):
        """Settle this line, and make an operation rule that does so with its like.

        :param settlement: as for ``tbc_settle``: one account and nothing else
        :param rule_vals: name and conditions of the rule
        :param apply: whether what else fits now is settled at once
        :return: ``{"cards", "rule": [id, name], "settled": [ids], "problems": {}}``
        """
        only_one(self)
        rule, settled, problems = taught.settle_always(
            self, settlement, rule_vals, applies=apply
        )
        return {
            "cards": match_cards(settled),
            "rule": [rule.id, rule.display_name],
            "settled": settled.ids,
            "problems": {line.id: sentence for line, sentence in problems.items()},
        }

    def tbc_unteach(self, rule_id):
        """Take back the rule that one of these lines taught, and what it settled of them.

        :return: ``{"cards"}``
        """
        at_least_one(self)
        self.check_access("write")
        lines = self.filtered(
            lambda line: line.is_reconciled and line.tbc_rule_id.id == rule_id
        )
        told = lines.tbc_unsettle() if lines else {"cards": {}}
        taught.remove_taught(self.env, rule_id)
        return told

    def tbc_match_cards(self):
        """Return ``{line id: card}`` of what the screen shows of these lines.

        Of the first 80: a list asks for no more at once.
        """
        return match_cards(self[:MOST_CARDS])

    @api.model
    def tbc_match_counts(self, domain):
        """Return ``{"left", "settled_today"}``: how many of ``domain`` are not matched.

        And how many transactions people settled today.
        """
        return screen.match_counts(self, domain)

    def tbc_match_details(self):
        """Return what the bank told of this line, and how it is matched.

        ``{"told": [[label, text]], "matched": {"by", "at", "why", "rule", "items"}}``
        """
        only_one(self)
        return match_details(self)

    def tbc_match_items(self, item_ids):
        """Return these open items as the line's card would show them."""
        only_one(self)
        return screen.match_items(self, item_ids)

    def tbc_rest_accounts(self):
        """Return where a small rest may go.

        :return: ``{journal id: {"fees", "gain", "loss", "tbc"}}``: the first three
            ``[id, name]`` or False, the last whether it is a journal of a TBC account
        """
        self.check_access("read")
        return screen.rest_accounts(self)
