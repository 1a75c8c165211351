import { Component, onWillUnmount, useEffect, useState } from "@odoo/owl";

import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { standardFieldProps } from "@web/views/fields/standard_field_props";

const ASK_AGAIN_MS = 3000;

/** How far the first sync of each account is; asks again until it is over. */
export class TbcSyncProgressField extends Component {
    static template = "account_tbc_bank.SyncProgressField";
    static props = { ...standardFieldProps };

    setup() {
        this.orm = useService("orm");
        // What was asked since the form was loaded.
        this.latest = useState({ progress: null });
        useEffect(
            () => {
                this.latest.progress = null;
                this.schedule();
            },
            () => [this.props.record.data[this.props.name]]
        );
        onWillUnmount(() => clearTimeout(this.timer));
    }

    get accounts() {
        const loaded = this.props.record.data[this.props.name];
        return (this.latest.progress || loaded || {}).accounts || [];
    }

    schedule() {
        clearTimeout(this.timer);
        if (this.accounts.length) {
            this.timer = setTimeout(() => this.ask(), ASK_AGAIN_MS);
        }
    }

    async ask() {
        const { record, name } = this.props;
        let answer;
        try {
            [answer] = await this.orm.silent.read("tbc.integration", [record.resId], [name]);
        } catch {
            // The server is away for a moment: what is shown stays.
            this.schedule();
            return;
        }
        if (answer && answer[name]) {
            this.latest.progress = answer[name];
            this.schedule();
        } else if (!(await record.isDirty())) {
            await record.load();
        }
    }
}

registry.category("fields").add("tbc_sync_progress", {
    component: TbcSyncProgressField,
    displayName: _t("First Sync"),
    supportedTypes: ["json"],
});
