import { Component, onWillUnmount, useEffect, useRef, useState } from "@odoo/owl";

import { Dropdown } from "@web/core/dropdown/dropdown";
import { DropdownItem } from "@web/core/dropdown/dropdown_item";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { pick } from "@web/core/utils/objects";
import { ViewButton } from "@web/views/view_button/view_button";
import { standardWidgetProps } from "@web/views/widgets/standard_widget_props";

const LINES = 2;
const PRESSING = ["Enter", " "];
// Each task with the method of the journal that opens it; the last are folded first.
const TASKS = {
    to_match: "action_tbc_to_match",
    to_prepare: "action_tbc_to_prepare",
    to_initiate: "action_tbc_to_initiate",
    to_sign: "action_tbc_sign",
    on_hold: "action_tbc_on_hold",
};

/** How many lines the visible parts of an element are in. */
function countLines(element) {
    const parts = [...element.children].filter((part) => part.offsetParent);
    return new Set(parts.map((part) => part.offsetTop)).size;
}

/** How a journal stands and what is to be done, in two lines: the rest is behind a link. */
export class TbcCard extends Component {
    static template = "account_tbc_bank.Card";
    static components = { Dropdown, DropdownItem, ViewButton };
    static props = { ...standardWidgetProps };

    setup() {
        this.root = useRef("root");
        this.state = useState({ shown: Object.keys(TASKS).length });
        const observer = new ResizeObserver(() => this.fold());
        useEffect(
            (root) => {
                observer.observe(root);
                return () => observer.disconnect();
            },
            () => [this.root.el]
        );
        useEffect(
            () => this.fold(),
            () => [this.props.record.data.kanban_dashboard]
        );
        // The letters of a language may come later than its words.
        const refold = () => this.fold();
        document.fonts.addEventListener("loadingdone", refold);
        onWillUnmount(() => document.fonts.removeEventListener("loadingdone", refold));
    }

    get card() {
        return JSON.parse(this.props.record.data.kanban_dashboard).tbc_card;
    }

    get tasks() {
        const found = Object.entries(TASKS).filter(([name]) => this.card[name]);
        return found.map(([name, action]) => ({ action, words: this.card[name] }));
    }

    get folded() {
        return this.tasks.slice(this.state.shown);
    }

    get moreWords() {
        return _t("+%(count)s more", { count: this.folded.length });
    }

    /** When it was synced matters where nothing is wrong. */
    get lastSync() {
        const { health, last_sync, opens, state } = this.card;
        return (!opens || (health === "held" && !state)) && last_sync;
    }

    /** Show as many tasks as two lines hold. */
    fold() {
        const root = this.root.el;
        if (!root) {
            return;
        }
        const tasks = [...root.querySelectorAll(".o_tbc_task")];
        const more = root.querySelector(".o_tbc_more_tasks");
        const show = (count) => {
            tasks.forEach((task, index) => task.classList.toggle("d-none", index >= count));
            more.classList.toggle("d-none", count === tasks.length);
        };
        let shown = tasks.length;
        show(shown);
        while (shown && countLines(root) > LINES) {
            shown -= 1;
            show(shown);
        }
        this.state.shown = shown;
    }

    /** The dashboard takes these keys for the whole card; here they press a link. */
    onKeydown(ev) {
        if (PRESSING.includes(ev.key)) {
            ev.stopPropagation();
        }
    }

    open(action) {
        const names = ["context", "evalContext", "resModel", "resId", "resIds"];
        this.env.onClickViewButton({
            clickParams: { type: "object", name: action },
            getResParams: () => pick(this.props.record, ...names),
        });
    }
}

registry.category("view_widgets").add("tbc_card", { component: TbcCard });
