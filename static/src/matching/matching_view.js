import { Domain } from "@web/core/domain";
import { registry } from "@web/core/registry";
import { DynamicRecordList } from "@web/model/relational_model/dynamic_record_list";
import { RelationalModel } from "@web/model/relational_model/relational_model";
import { KanbanController } from "@web/views/kanban/kanban_controller";
import { kanbanView } from "@web/views/kanban/kanban_view";

import { MatchingRenderer } from "./matching_renderer";

/** The rows of a page stay when they are matched, though they are of the list no more. */
export class MatchingList extends DynamicRecordList {
    /** A later page begins earlier by as many as have left the list since. */
    async load(params = {}) {
        const { offset = this.offset } = params;
        if (this.isBeforeTheFirst(offset)) {
            return super.load({ ...params, offset: 0 });
        }
        const gone = offset > this.offset ? await this.countGone() : 0;
        return super.load({ ...params, offset: offset - gone });
    }

    /** Whether the pager went back from a page that began within the first one's length:
     * it means the last page then. */
    isBeforeTheFirst(offset) {
        const isShifted = this.offset > 0 && this.offset < this.limit;
        const last = this.count - (this.count % this.limit || this.limit);
        return isShifted && offset === last;
    }

    async countGone() {
        const ids = this.records.map((record) => record.resId);
        const domain = Domain.and([this.domain, [["id", "in", ids]]]).toList();
        const { orm } = this.model;
        return ids.length - (await orm.searchCount(this.resModel, domain, { context: this.context }));
    }
}

export class MatchingModel extends RelationalModel {
    static DynamicRecordList = MatchingList;
}

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
    Model: MatchingModel,
    Renderer: MatchingRenderer,
});

/** Odoo's dialog on a phone takes the first card that is tapped; here several are. */
export class ChooseSeveralController extends KanbanController {
    openRecord(record) {
        record.toggleSelection();
    }
}

registry.category("views").add("tbc_choose_several", {
    ...kanbanView,
    Controller: ChooseSeveralController,
});
