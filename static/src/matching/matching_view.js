import { registry } from "@web/core/registry";
import { KanbanController } from "@web/views/kanban/kanban_controller";
import { kanbanView } from "@web/views/kanban/kanban_view";

import { MatchingRenderer } from "./matching_renderer";

/** Odoo's kanban with rows in the place of cards; what is selected has a bar of its own. */
export class MatchingController extends KanbanController {
    static template = "account_tbc_bank.MatchingView";

    /** The search stays where it is when rows are selected. */
    get display() {
        return this.props.display;
    }
}

registry.category("views").add("tbc_matching", {
    ...kanbanView,
    Controller: MatchingController,
    Renderer: MatchingRenderer,
});
