import { Component, useState } from "@odoo/owl";

import { formatFloat } from "@web/views/fields/formatters";
import { parseFloat } from "@web/views/fields/parsers";

/** A box for an amount; empty is "what is left". Positive is the transaction's direction. */
export class AmountInput extends Component {
    static template = "account_tbc_bank.AmountInput";
    static props = {
        value: { type: [Number, { value: null }], optional: true },
        placeholder: { type: Number, optional: true },
        digits: Number,
        update: Function,
    };

    setup() {
        this.state = useState({ isWrong: false });
    }

    get text() {
        return typeof this.props.value === "number" ? this.format(this.props.value) : "";
    }

    format(number) {
        return formatFloat(number, { digits: [16, this.props.digits] });
    }

    onChange(ev) {
        const text = ev.target.value.trim();
        try {
            this.props.update(text ? parseFloat(text) : null);
            this.state.isWrong = false;
        } catch {
            this.state.isWrong = true;
        }
    }
}
