import { Component, onWillStart, useState } from "@odoo/owl";

import { _t } from "@web/core/l10n/translation";

/** What the bank told of a transaction; of one that is matched also where it went, and why. */
export class MatchingTold extends Component {
    static template = "account_tbc_bank.MatchingTold";
    static props = { page: Object, card: Object, money: Function };

    setup() {
        this.state = useState({ told: [], matched: false });
        onWillStart(() => {
            this.load();
        });
    }

    async load() {
        const { page, card } = this.props;
        Object.assign(this.state, await page.details(card.id));
    }

    get how() {
        const { by, at, why, rule } = this.state.matched;
        return [
            [_t("Matched Because"), why],
            [_t("Matched By"), by],
            [_t("Matched At"), at],
            [_t("Operation Rule"), rule],
        ].filter(([, text]) => text);
    }
}
