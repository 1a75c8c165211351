import { DashboardKanbanRenderer } from "@account/views/account_dashboard_kanban/account_dashboard_kanban_renderer";
import { onMounted, onWillUnmount } from "@odoo/owl";

import { patch } from "@web/core/utils/patch";
import { useService } from "@web/core/utils/hooks";
import { useDebounced } from "@web/core/utils/timing";

// Several accounts are synced one right after the other.
const PAUSE = 1000;

/** The cards show what a sync in the background has brought. */
patch(DashboardKanbanRenderer.prototype, {
    setup() {
        super.setup();
        const bus = useService("bus_service");
        const refresh = useDebounced(() => this.props.list.model.load(), PAUSE);
        onMounted(() => bus.subscribe("account_tbc_bank/synced", refresh));
        onWillUnmount(() => bus.unsubscribe("account_tbc_bank/synced", refresh));
    },
});
