import { Component, onWillUnmount, useEffect, xml } from "@odoo/owl";

import { registry } from "@web/core/registry";
import { badgeField, BadgeField } from "@web/views/fields/badge/badge_field";
import { standardFieldProps } from "@web/views/fields/standard_field_props";

const GOES_ON = ["initiated", "sending"];
const ASK_AGAIN_MS = 3000;
// After some minutes whoever still looks reloads by hand.
const MOST_QUESTIONS = 60;

// {list or form: how often and when it was asked}: once for all of its rows.
const asked = new WeakMap();

async function reload(root) {
    // A form asks for its one record, a list for its page.
    const isBusy = root.editedRecord || root.selection?.length;
    const isDirty = root.isDirty ? await root.isDirty() : false;
    if (!isBusy && !isDirty) {
        await root.load();
    }
}

/** Ask again while a transfer is on its way to the bank, so that its state is today's. */
function useReloadWhileGoing(props) {
    let timer;
    let isGone = false;
    const schedule = () => {
        clearTimeout(timer);
        const { record, name } = props();
        const { root } = record.model;
        const isTired = (asked.get(root)?.questions || 0) >= MOST_QUESTIONS;
        if (!isGone && !isTired && GOES_ON.includes(record.data[name])) {
            timer = setTimeout(() => ask(root), ASK_AGAIN_MS);
        }
    };
    const ask = async (root) => {
        const { questions, at } = asked.get(root) || { questions: 0, at: 0 };
        if (Date.now() - at >= ASK_AGAIN_MS / 2) {
            asked.set(root, { questions: questions + 1, at: Date.now() });
            try {
                await reload(root);
            } catch {
                // The server is away for a moment: what is shown stays.
            }
        }
        schedule();
    };
    useEffect(schedule, () => [props().record.data[props().name]]);
    onWillUnmount(() => {
        isGone = true;
        clearTimeout(timer);
    });
}

/** The state of a transfer in a list or on a card. */
export class TbcTransferBadge extends BadgeField {
    setup() {
        super.setup();
        useReloadWhileGoing(() => this.props);
    }
}

registry.category("fields").add("tbc_transfer_badge", {
    ...badgeField,
    component: TbcTransferBadge,
});

/** Shows nothing: keeps the form's state up to date. */
export class TbcTransferProgress extends Component {
    static template = xml`<span class="d-none"/>`;
    static props = { ...standardFieldProps };

    setup() {
        useReloadWhileGoing(() => this.props);
    }
}

registry.category("fields").add("tbc_transfer_progress", {
    component: TbcTransferProgress,
    supportedTypes: ["selection"],
});
