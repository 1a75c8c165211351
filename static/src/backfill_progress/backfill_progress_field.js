import { ConfirmationDialog } from "@web/core/confirmation_dialog/confirmation_dialog";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";

import { TbcAskingField } from "../asking_field/asking_field";

/** How far an import of history is; asks again while it goes on. */
export class TbcBackfillProgressField extends TbcAskingField {
    static template = "account_tbc_bank.BackfillProgressField";
    static askAgainMs = 4000;

    setup() {
        super.setup();
        this.dialog = useService("dialog");
    }

    get progress() {
        return this.value;
    }

    get goesOn() {
        return ["waiting", "running"].includes(this.progress.state);
    }

    isShown(progress) {
        return Boolean(progress.id);
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
