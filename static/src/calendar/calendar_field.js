import { Component, onPatched, useRef, useState } from "@odoo/owl";

import { deserializeDate, formatDate } from "@web/core/l10n/dates";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { standardFieldProps } from "@web/views/fields/standard_field_props";

import { formatMonth } from "@account_tbc_bank/lists/month_field";

const NEVER = "n";
const MONTHS_AT_FIRST = 24;

/**
 * The chart of days: a row per month, a cell per day. Each state has its letter (see the
 * model's `_day_state`), its colour, and a sign for those who can't tell the colours.
 */
export class TbcCalendarField extends Component {
    static template = "account_tbc_bank.CalendarField";
    static props = { ...standardFieldProps };

    setup() {
        this.action = useService("action");
        this.orm = useService("orm");
        this.root = useRef("root");
        this.state = useState({ active: null, opened: null, allMonths: false });
        this.focusWanted = false;
        onPatched(() => {
            if (this.focusWanted) {
                this.focusWanted = false;
                this.root.el.querySelector("button[tabindex='0']")?.focus();
            }
        });
    }

    get chart() {
        return this.props.record.data[this.props.name] || { months: [], today: "" };
    }

    get legend() {
        return ["c", "e", "h", "d", "o", NEVER].map((state) => ({
            state,
            sign: this.sign(state),
            label: this.stateLabel(state),
        }));
    }

    /** Months as the template draws them: those of one year under its number. */
    get years() {
        const months = this.chart.months;
        const shown = this.state.allMonths ? months : months.slice(0, MONTHS_AT_FIRST);
        const years = [];
        for (const month of shown) {
            const number = month.month.slice(0, 4);
            if (years.at(-1)?.number !== number) {
                years.push({ number, months: [] });
            }
            years.at(-1).months.push(this.monthOf(month));
        }
        return years;
    }

    /** The days that stand above the columns: the first and each fifth. */
    get numbers() {
        return Array.from({ length: 31 }, (_day, index) =>
            index === 0 || index % 5 === 4 ? index + 1 : ""
        );
    }

    get hiddenMonths() {
        return this.state.allMonths ? 0 : Math.max(0, this.chart.months.length - MONTHS_AT_FIRST);
    }

    /** The cell that the Tab key reaches; the arrows lead on from there. */
    get activeDay() {
        return this.state.active || this.chart.today;
    }

    monthOf(month) {
        const name = formatMonth(deserializeDate(`${month.month}-01`));
        const cells = [...month.days].map((state, index) => {
            const day = `${month.month}-${String(index + 1).padStart(2, "0")}`;
            const title = `${formatDate(deserializeDate(day))}: ${this.stateLabel(state)}`;
            const holds = this.whatHolds(month, index + 1);
            const label = [title, ...holds.map((one) => one.label)].join(", ");
            return { day, state, title, holds, label };
        });
        return { key: month.month, name, cells };
    }

    /** What the day holds, each with the kind that the server lists it by. */
    whatHolds(month, number) {
        const counts = [
            ["booked", _t("Transactions: %s", month.booked[number])],
            ["differing", _t("Differences: %s", month.differing[number])],
            ["held", _t("On hold: %s", month.held[number])],
        ];
        return counts
            .filter(([kind]) => month[kind][number])
            .map(([kind, label]) => ({ kind, label }));
    }

    stateLabel(state) {
        return {
            c: _t("Balance checked"),
            e: _t("Synced, no transactions"),
            h: _t("Something is on hold"),
            d: _t("Differs from the bank"),
            o: _t("Not over, or not complete yet"),
            n: _t("Not synced"),
        }[state];
    }

    sign(state) {
        return { h: "!", d: "≠", o: "·" }[state] || "";
    }

    /** A click opens what the day holds, another one closes it. */
    onClickDay(cell) {
        this.state.active = cell.day;
        this.state.opened = this.state.opened === cell.day ? null : cell.day;
    }

    /** The day of this month that is opened, if one is. */
    openedIn(month) {
        return month.cells.find((cell) => cell.day === this.state.opened);
    }

    isOver(cell) {
        return cell.day < this.chart.today;
    }

    importLabel(cell) {
        return cell.state === NEVER ? _t("Import History") : _t("Import Again");
    }

    async openDay(cell, kind) {
        const action = await this.orm.call("tbc.account", "open_day", [
            [this.props.record.resId],
            cell.day,
            kind,
        ]);
        await this.action.doAction(action);
    }

    /** Of a gap all days are asked for, else that day alone. */
    async importDay(cell) {
        const [first, last] = cell.state === NEVER ? this.gapOf(cell.day) : [cell.day, cell.day];
        await this.props.record.save();
        const action = await this.orm.call("tbc.account", "action_read_past", [[this.props.record.resId]], {
            context: {
                ...this.props.record.context,
                default_day_from: first,
                default_day_to: last,
            },
        });
        await this.action.doAction(action, {
            onClose: () => this.props.record.load(),
        });
    }

    gapOf(day) {
        const days = this.days;
        const index = days.findIndex((one) => one.day === day);
        let first = index;
        let last = index;
        while (days[first - 1]?.state === NEVER) {
            first--;
        }
        while (days[last + 1]?.state === NEVER) {
            last++;
        }
        return [days[first].day, days[last].day];
    }

    /** All days, oldest first. */
    get days() {
        return this.chart.months.toReversed().flatMap((month) => this.monthOf(month).cells);
    }

    onKeydown(ev) {
        const step = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: "months", ArrowDown: "months" }[ev.key];
        if (!step) {
            return;
        }
        ev.preventDefault();
        const now = deserializeDate(this.activeDay);
        // The newest month stands on top.
        const next =
            step === "months"
                ? now.plus({ months: ev.key === "ArrowUp" ? 1 : -1 })
                : now.plus({ days: step });
        const day = next.toISODate();
        if (this.years.some((year) => year.months.some((m) => m.cells.some((c) => c.day === day)))) {
            this.focusWanted = true;
            this.state.active = day;
        }
    }

    showAll() {
        this.state.allMonths = true;
    }
}

registry.category("fields").add("tbc_calendar", {
    component: TbcCalendarField,
    displayName: _t("Chart of days"),
    supportedTypes: ["json"],
});
