import { Component, xml } from "@odoo/owl";

import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { standardFieldProps } from "@web/views/fields/standard_field_props";

/**
 * Write a month by its name: "Nov" or "Nov 2026". Chromium knows no Georgian names of
 * months, and would write English ones: there it is "11" or "11/2026".
 */
export function formatMonth(day, withYear) {
    const isKnown = Intl.DateTimeFormat.supportedLocalesOf(day.locale).length;
    const format = isKnown ? ["LLL", " yyyy"] : ["LL", "/yyyy"];
    return day.toFormat(withYear ? format.join("") : format[0]);
}

/** The month of a day, which is shown and not edited. */
export class TbcMonthField extends Component {
    static props = { ...standardFieldProps };
    static template = xml`<span t-out="month"/>`;

    get month() {
        const day = this.props.record.data[this.props.name];
        return day ? formatMonth(day, true) : "";
    }
}

registry.category("fields").add("tbc_month", {
    component: TbcMonthField,
    displayName: _t("Month"),
    supportedTypes: ["date"],
});
