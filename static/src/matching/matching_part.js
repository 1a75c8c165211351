import { Component, onMounted, useRef, useState } from "@odoo/owl";

import { AnalyticDistribution } from "@analytic/components/analytic_distribution/analytic_distribution";
import { Many2ManyTaxTagsField } from "@account/components/many2x_tax_tags/many2x_tax_tags";
import { _t } from "@web/core/l10n/translation";
import { Record } from "@web/model/record";
import { CharField } from "@web/views/fields/char/char_field";
import { Many2OneField } from "@web/views/fields/many2one/many2one_field";

import { AmountInput } from "./amount_input";

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
        this.part = useState(this.props.part);
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
        Object.assign(this.part, {
            account: named(data.account_id),
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
    }
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
