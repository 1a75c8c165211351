import { Component, onMounted, useChildSubEnv, useRef, useState } from "@odoo/owl";

import { AnalyticDistribution } from "@analytic/components/analytic_distribution/analytic_distribution";
import { Many2ManyTaxTagsField } from "@account/components/many2x_tax_tags/many2x_tax_tags";
import { _t } from "@web/core/l10n/translation";
import { useService } from "@web/core/utils/hooks";
import { Record } from "@web/model/record";
import { CharField } from "@web/views/fields/char/char_field";
import { Many2OneField } from "@web/views/fields/many2one/many2one_field";

import { AmountInput } from "./amount_input";

// On a phone, too, people type what they look for, and are offered it below: Odoo's
// dialog there is a list through which they would have to leaf, or search with more taps.
export const TYPED = { isSmall: false };
const NAMED = { fields: { display_name: { type: "char" } }, activeFields: { display_name: {} } };

/** What of a transaction goes straight to one account; Odoo's own fields. */
export class MatchingPart extends Component {
    static template = "account_tbc_bank.MatchingPart";
    static components = {
        AmountInput,
        AnalyticDistribution,
        CharField,
        Many2ManyTaxTagsField,
        Many2OneField,
        Record,
    };
    static props = {
        part: Object,
        companyId: Number,
        hasAnalytic: Boolean,
        autofocus: { type: Boolean, optional: true },
        amount: { type: Object, optional: true },
        remove: { type: Function, optional: true },
    };

    setup() {
        this.orm = useService("orm");
        useChildSubEnv(TYPED);
        this.part = useState(this.props.part);
        this.defaultTaxes = [];
        this.root = useRef("root");
        this.fields = partFields();
        this.activeFields = {
            ...Object.fromEntries(Object.keys(this.fields).map((name) => [name, {}])),
            tax_ids: { related: NAMED },
        };
        this.hooks = { onRecordChanged: (record) => this.takeOver(record.data) };
        onMounted(() => {
            if (this.props.autofocus) {
                this.root.el.querySelector("[name=account] input")?.focus();
            }
        });
    }

    get values() {
        const { account, partner, taxes, analytic, label } = this.part;
        return {
            account_id: account,
            partner_id: partner,
            tax_ids: taxes,
            analytic_distribution: analytic || {},
            label,
        };
    }

    get accountDomain() {
        return [
            ["company_ids", "parent_of", this.props.companyId],
            ["account_type", "!=", "off_balance"],
        ];
    }

    get taxDomain() {
        return [
            ["company_id", "parent_of", this.props.companyId],
            ["type_tax_use", "!=", "none"],
        ];
    }

    takeOver(data) {
        const account = named(data.account_id);
        const isOther = account.id !== this.part.account.id;
        Object.assign(this.part, {
            account,
            partner: named(data.partner_id),
            taxes: data.tax_ids.records.map((tax) => ({
                id: tax.resId,
                display_name: tax.data.display_name,
            })),
            analytic: Object.keys(data.analytic_distribution || {}).length
                ? data.analytic_distribution
                : false,
            label: data.label || "",
        });
        if (isOther) {
            // Whoever settles meanwhile waits for them.
            this.part.asked = this.takeDefaultTaxes(account);
        }
    }

    /** The taxes that the account has by default, unless others were chosen by hand. */
    async takeDefaultTaxes(account) {
        const { part } = this;
        const chosen = part.taxes;
        if (!isSame(chosen, this.defaultTaxes)) {
            return;
        }
        const taxes = account ? await this.defaultTaxesOf(account) : [];
        // Another account, or a tax, may have been chosen meanwhile.
        if (part.account.id === account.id && isSame(part.taxes, chosen)) {
            this.defaultTaxes = taxes;
            part.taxes = taxes;
        }
    }

    async defaultTaxesOf(account) {
        const [{ tax_ids }] = await this.orm.silent.read("account.account", [account.id], ["tax_ids"]);
        return tax_ids.length
            ? this.orm.silent.searchRead(
                  "account.tax",
                  [["id", "in", tax_ids], ...this.taxDomain],
                  ["display_name"]
              )
            : [];
    }
}

function isSame(some, others) {
    return some.map(({ id }) => id).join() === others.map(({ id }) => id).join();
}

function named(value) {
    return value && { id: value.id, display_name: value.display_name };
}

function partFields() {
    return {
        account_id: { type: "many2one", relation: "account.account", string: _t("Account") },
        partner_id: { type: "many2one", relation: "res.partner", string: _t("Partner") },
        tax_ids: { type: "many2many", relation: "account.tax", string: _t("Taxes") },
        analytic_distribution: { type: "json", string: _t("Analytic Distribution") },
        label: { type: "char", string: _t("Label") },
    };
}
