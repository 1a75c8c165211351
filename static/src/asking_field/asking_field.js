import { Component, onWillUnmount, useEffect, useState } from "@odoo/owl";

import { useService } from "@web/core/utils/hooks";
import { standardFieldProps } from "@web/views/fields/standard_field_props";

/** A field whose value moves in the background: it asks again while it does. */
export class TbcAskingField extends Component {
    static props = { ...standardFieldProps };
    static askAgainMs = 3000;

    setup() {
        this.orm = useService("orm");
        // What was asked since the form was loaded.
        this.latest = useState({ value: null });
        useEffect(
            () => {
                this.latest.value = null;
                this.schedule();
            },
            () => [this.props.record.data[this.props.name]]
        );
        onWillUnmount(() => clearTimeout(this.timer));
    }

    get value() {
        return this.latest.value || this.props.record.data[this.props.name] || {};
    }

    /** Whether it still moves. */
    get goesOn() {
        return false;
    }

    /** Whether this value is one to show; without one the whole record is loaded anew. */
    isShown(value) {
        return Boolean(value);
    }

    schedule() {
        clearTimeout(this.timer);
        if (this.goesOn) {
            this.timer = setTimeout(() => this.ask(), this.constructor.askAgainMs);
        }
    }

    async ask() {
        const { record, name } = this.props;
        let answer;
        try {
            [answer] = await this.orm.silent.read(record.resModel, [record.resId], [name]);
        } catch {
            // The server is away for a moment: what is shown stays.
            this.schedule();
            return;
        }
        if (answer && this.isShown(answer[name])) {
            this.latest.value = answer[name];
            this.schedule();
        } else if (!(await record.isDirty())) {
            await record.load();
        }
    }
}
