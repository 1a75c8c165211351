import { Component, xml } from "@odoo/owl";

import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { standardFieldProps } from "@web/views/fields/standard_field_props";

/** The month of a day, which is shown and not edited: "Nov 2026". */
export class TbcMonthField extends Component {
    static props = { ...standardFieldProps };
    static template = xml`<span t-out="month"/>`;

    get month() {
        const day = this.props.record.data[this.props.name];
        return day ? day.toFormat("LLL yyyy") : "";
    }
}

registry.category("fields").add("tbc_month", {
    component: TbcMonthField,
    displayName: _t("Month"),
    supportedTypes: ["date"],
});
