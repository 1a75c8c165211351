import { markup, onWillStart } from "@odoo/owl";

import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { ActionHelper } from "@web/views/action_helper";
import { KanbanRenderer } from "@web/views/kanban/kanban_renderer";
import { kanbanView } from "@web/views/kanban/kanban_view";
import { ListRenderer } from "@web/views/list/list_renderer";
import { listView } from "@web/views/list/list_view";

/**
 * What an empty list says. After a search: that nothing was found. Else what the model
 * says now: the action's own text is kept by the browser, and may be of another day.
 */
export class TbcActionHelper extends ActionHelper {
    static template = "account_tbc_bank.ActionHelper";

    setup() {
        this.orm = useService("orm");
        this.help = "";
        onWillStart(async () => {
            if (!this.isSearched) {
                const args = [this.props.noContentHelp || ""];
                const { resModel } = this.env.searchModel;
                this.help = markup(await this.orm.call(resModel, "get_empty_list_help", args));
            }
        });
    }

    /** Whether somebody looks for something: what is on from the beginning is no search. */
    get isSearched() {
        const { query, searchItems } = this.env.searchModel;
        return query.some(({ searchItemId }) => !searchItems[searchItemId].isDefault);
    }
}

export class TbcListRenderer extends ListRenderer {
    static components = { ...ListRenderer.components, ActionHelper: TbcActionHelper };
}

export class TbcKanbanRenderer extends KanbanRenderer {
    static components = { ...KanbanRenderer.components, ActionHelper: TbcActionHelper };
}

registry.category("views").add("tbc_list", { ...listView, Renderer: TbcListRenderer });
registry.category("views").add("tbc_kanban", { ...kanbanView, Renderer: TbcKanbanRenderer });
