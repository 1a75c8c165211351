import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";

import { TbcAskingField } from "../asking_field/asking_field";

/** How far a check of the bank's answers is; asks again until it is over. */
export class TbcCheckProgressField extends TbcAskingField {
    static template = "account_tbc_bank.CheckProgressField";

    get goesOn() {
        return Boolean(this.value.total);
    }

    /** Status, counts and rows move as well: the whole record is loaded each time. */
    isShown() {
        return false;
    }

    get figures() {
        const { done, total, questions } = this.value;
        return _t("Step %(done)s of %(total)s, %(questions)s questions asked.", {
            done,
            total,
            questions,
        });
    }
}

registry.category("fields").add("tbc_check_progress", {
    component: TbcCheckProgressField,
    displayName: _t("Check Progress"),
    supportedTypes: ["json"],
});
