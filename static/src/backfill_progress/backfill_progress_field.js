import { Component, onWillUnmount, useEffect, useState } from "@odoo/owl";

import { ConfirmationDialog } from "@web/core/confirmation_dialog/confirmation_dialog";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { standardFieldProps } from "@web/views/fields/standard_field_props";

const ASK_AGAIN_MS = 4000;

/** How far an import of history is; asks again while it goes on. */
export class TbcBackfillProgressField extends Component {
    static template = "account_tbc_bank.BackfillProgressField";
    static props = { ...standardFieldProps };

    setup() {
        this.dialog = useService("dialog");
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

    get progress() {
        return this.latest.progress || this.props.record.data[this.props.name] || {};
    }

    get goesOn() {
        return ["waiting", "running"].includes(this.progress.state);
    }

    get canGoOn() {
        return ["paused", "failed"].includes(this.progress.state);
    }

    get figures() {
        const { days_done, days_total, movements } = this.progress;
        return _t("%(done)s of %(total)s days, %(movements)s transactions.", {
            done: days_done,
            total: days_total,
            movements,
        });
    }

    schedule() {
        clearTimeout(this.timer);
        if (this.goesOn) {
            this.timer = setTimeout(() => this.ask(), ASK_AGAIN_MS);
        }
    }

    async ask() {
        const { record, name } = this.props;
        let answer;
        try {
            [answer] = await this.orm.silent.read("tbc.account", [record.resId], [name]);
        } catch {
            // The server is away for a moment: what is shown stays.
            this.schedule();
            return;
        }
        if (answer && answer[name].id) {
            this.latest.progress = answer[name];
            this.schedule();
        } else if (!(await record.isDirty())) {
            await record.load();
        }
    }

    async press(method) {
        await this.orm.call("tbc.backfill", method, [[this.progress.id]]);
        await this.ask();
    }

    cancel() {
        this.dialog.add(ConfirmationDialog, {
            body: _t("What was imported stays; the rest is not imported. Stop?"),
            confirmLabel: _t("Stop"),
            confirm: () => this.press("action_cancel"),
            cancel: () => {},
        });
    }
}

registry.category("fields").add("tbc_backfill_progress", {
    component: TbcBackfillProgressField,
    displayName: _t("Import Progress"),
    supportedTypes: ["json"],
});
