import { Component, onWillStart, useState } from "@odoo/owl";

import { _t } from "@web/core/l10n/translation";

// What a person may word otherwise than the bank does.
const WORDED = ["counterparty", "words"];

/** "Always so": the conditions of the rule that this transaction teaches. */
export class MatchingRule extends Component {
    static template = "account_tbc_bank.MatchingRule";
    static props = { page: Object, card: Object, settle: Function, cancel: Function };

    setup() {
        this.state = useState({ name: "", conditions: [], fits: 0, problem: "" });
        onWillStart(() =>
            this.ask("tbc_rule_draft", [], (draft) => Object.assign(this.state, draft))
        );
    }

    get vals() {
        const chosen = this.state.conditions.filter((condition) => condition.on);
        return Object.assign({ name: this.state.name }, ...chosen.map(({ vals }) => vals));
    }

    get hasCondition() {
        return this.state.conditions.some((condition) => condition.on);
    }

    get texts() {
        const count = this.state.fits;
        return {
            fits: _t("More open transactions that it fits: %(count)s.", { count }),
            settleAll: _t("Match, and the %(count)s Others", { count }),
        };
    }

    nameOf(condition) {
        return {
            op_code: _t("Bank Code"),
            transaction_type: _t("Transaction Type"),
            direction: _t("Direction"),
            counterparty: _t("Counterparty"),
            words: _t("Words in the Purpose"),
            amount: _t("Amount"),
        }[condition.field];
    }

    isWorded(condition) {
        return WORDED.includes(condition.field);
    }

    toggle(condition) {
        condition.on = !condition.on;
        return this.count();
    }

    word(condition, text) {
        condition.vals = { [condition.field]: text };
        condition.on = Boolean(text.trim());
        return this.count();
    }

    count() {
        return this.ask("tbc_rule_fits", [this.vals], (fits) => (this.state.fits = fits));
    }

    /** Ask a door of the line; what it refuses is a sentence below the conditions. */
    async ask(method, args, take) {
        const { page, card } = this.props;
        this.state.problem = "";
        const sentence = await page.sentence(async () => {
            take(await page.call(method, [card.id], ...args));
        });
        // The draft brings one of its own.
        this.state.problem = sentence || this.state.problem;
    }
}
