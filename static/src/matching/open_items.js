import { _t } from "@web/core/l10n/translation";

/** What Odoo's dialog needs to offer the open items for a transaction. */
export function openItemsDialog(card, record, amount) {
    return {
        title: _t("Open Items for %(amount)s", { amount }),
        resModel: "account.move.line",
        domain: openItemsDomain(record.data.company_id.id),
        dynamicFilters: card.partner
            ? [{ description: card.partner[1], domain: [["partner_id", "=", card.partner[0]]] }]
            : [],
        context: {
            list_view_ref: "account_tbc_bank.account_move_line_view_list_open_items",
            kanban_view_ref: "account_tbc_bank.account_move_line_view_kanban_open_items",
            search_view_ref: "account_tbc_bank.account_move_line_view_search_open_items",
        },
        noCreate: true,
    };
}

function openItemsDomain(companyId) {
    return [
        ["company_id", "child_of", companyId],
        ["parent_state", "=", "posted"],
        ["account_id.reconcile", "=", true],
        ["reconciled", "=", false],
        ["amount_residual", "!=", 0],
        ["statement_line_id", "=", false],
    ];
}

/** What Odoo's dialog needs to offer the other leg of a transfer of one's own. */
export function otherLegDialog(card, record, amount) {
    return {
        title: _t("Other Leg of %(amount)s", { amount }),
        resModel: "account.bank.statement.line",
        domain: otherLegDomain(card, record.data.company_id.id),
        context: { list_view_ref: "account_tbc_bank.account_bank_statement_line_view_list_choose" },
        multiSelect: false,
        noCreate: true,
    };
}

export function otherLegDomain(card, companyId) {
    return [
        ["company_id", "=", companyId],
        ["state", "=", "posted"],
        ["is_reconciled", "=", false],
        ["journal_id", "!=", card.journal[0]],
        ["amount", card.amount > 0 ? "<" : ">", 0],
    ];
}
