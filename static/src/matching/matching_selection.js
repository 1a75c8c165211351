import { Component, useRef, useState } from "@odoo/owl";

import { _t } from "@web/core/l10n/translation";
import { formatMonetary } from "@web/views/fields/formatters";

import { newPart, settlementOf, whenKnown } from "./draft";
import { MatchingPart } from "./matching_part";

/** What can be done with all selected rows at once. */
export class MatchingSelection extends Component {
    static template = "account_tbc_bank.MatchingSelection";
    static components = { MatchingPart };
    static props = { page: Object, records: Array, unselect: Function };

    setup() {
        this.root = useRef("root");
        this.page = useState(this.props.page);
        this.state = useState({ part: newPart(), isBusy: false });
    }

    get ids() {
        return this.props.records.map((record) => record.resId);
    }

    get cards() {
        return this.ids.map((id) => this.page.cards[id]);
    }

    get proposalsCount() {
        return this.cards.filter((card) => card.proposals.length).length;
    }

    get texts() {
        const count = this.ids.length;
        return {
            selected: _t("%(count)s selected", { count }),
            accept: _t("Accept First Proposals (%(count)s)", { count: this.proposalsCount }),
            toAccount: _t("To This Account (%(count)s)", { count }),
            toPartner: _t("Set Partner (%(count)s)", { count }),
        };
    }

    /** Their sum, where they are of one currency. */
    get sum() {
        const currencies = new Set(this.cards.map((card) => card.currency_id));
        if (currencies.size > 1) {
            return "";
        }
        const sum = this.cards.reduce((total, card) => total + card.amount, 0);
        return formatMonetary(sum, { currencyId: this.cards[0].currency_id });
    }

    get companyId() {
        return this.props.records[0].data.company_id.id;
    }

    async run(doing) {
        this.state.isBusy = true;
        try {
            await doing();
        } finally {
            this.state.isBusy = false;
            this.props.unselect();
        }
    }

    acceptFirst() {
        return this.run(() => this.page.settleMany(this.ids, { first_proposal: true }));
    }

    async toAccount() {
        await whenKnown([this.state.part]);
        const settlement = settlementOf({ items: [], parts: [this.state.part] });
        return this.run(() => this.page.settleMany(this.ids, settlement));
    }

    toPartner() {
        return this.run(() => this.page.setPartners(this.ids, this.state.part.partner.id));
    }
}
