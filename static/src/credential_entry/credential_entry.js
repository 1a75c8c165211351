import { Component, useState } from "@odoo/owl";

import { registry } from "@web/core/registry";
import { user } from "@web/core/user";
import { useAutofocus, useService } from "@web/core/utils/hooks";
import { standardActionServiceProps } from "@web/webclient/actions/action_service";

/**
 * Two password boxes for the client ID and secret.
 *
 * No form of Odoo's: what is typed into one travels as an argument, which the server
 * writes into its log. From here both go in the context, as Odoo sends a password.
 */
export class TbcCredentialEntry extends Component {
    static template = "account_tbc_bank.CredentialEntry";
    static props = { ...standardActionServiceProps };

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
        this.boxes = useState({ clientId: "", secret: "", isSaving: false, fault: "" });
        useAutofocus({ refName: "clientId" });
    }

    get isFilled() {
        return this.boxes.clientId.trim() && this.boxes.secret.trim();
    }

    async save() {
        const { integration_id } = this.props.action.params;
        const context = {
            ...user.context,
            tbc_client_id: this.boxes.clientId,
            tbc_client_secret: this.boxes.secret,
        };
        Object.assign(this.boxes, { isSaving: true, fault: "" });
        try {
            const next = await this.orm.call(
                "tbc.integration",
                "action_keep_credentials",
                [[integration_id]],
                { context }
            );
            if (next.fault) {
                this.boxes.fault = next.fault;
                return;
            }
            this.forget();
            // Another dialog takes the place of this one; anything else ends it.
            if (next.target !== "new") {
                await this.close();
            }
            await this.action.doAction(next);
        } finally {
            this.boxes.isSaving = false;
        }
    }

    forget() {
        this.boxes.clientId = this.boxes.secret = "";
    }

    close() {
        this.forget();
        return this.action.doAction({ type: "ir.actions.act_window_close" });
    }
}

registry.category("actions").add("tbc_enter_credentials", TbcCredentialEntry);
