import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";

import { TbcAskingField } from "../asking_field/asking_field";

/** How far the first sync of each account is; asks again until it is over. */
export class TbcSyncProgressField extends TbcAskingField {
    static template = "account_tbc_bank.SyncProgressField";

    get accounts() {
        return this.value.accounts || [];
    }

    get goesOn() {
        return this.accounts.length > 0;
    }
}

registry.category("fields").add("tbc_sync_progress", {
    component: TbcSyncProgressField,
    displayName: _t("First Sync"),
    supportedTypes: ["json"],
});
