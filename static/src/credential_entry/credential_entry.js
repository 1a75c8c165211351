import { Component, useState } from "@odoo/owl";

import { registry } from "@web/core/registry";
import { user } from "@web/core/user";
import { useService } from "@web/core/utils/hooks";
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
        this.boxes = useState({ clientId: "", secret: "", isSaving: false });
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
        this.boxes.isSaving = true;
        try {
            const notice = await this.orm.call(
                "tbc.integration",
                "action_keep_credentials",
                [[integration_id]],
                { context }
            );
            await this.close();
            await this.action.doAction(notice);
        } finally {
            this.boxes.isSaving = false;
        }
    }

    close() {
        this.boxes.clientId = this.boxes.secret = "";
        return this.action.doAction({ type: "ir.actions.act_window_close" });
    }
}

registry.category("actions").add("tbc_enter_credentials", TbcCredentialEntry);
