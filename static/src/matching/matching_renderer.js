import {
    Component,
    onWillStart,
    reactive,
    useEffect,
    useExternalListener,
    useRef,
    useState,
} from "@odoo/owl";

import { useHotkey } from "@web/core/hotkeys/hotkey_hook";
import { _t } from "@web/core/l10n/translation";
import { user } from "@web/core/user";
import { useBus, useService } from "@web/core/utils/hooks";

import { TbcActionHelper } from "../lists/lists";
import { MatchingKeys } from "./matching_keys";
import { MatchingPage } from "./matching_page";
import { MatchingRow } from "./matching_row";
import { MatchingSelection } from "./matching_selection";
import { takesLetters } from "./typing";

/** The list of transactions: a row each, one of them open, and the keys to go through it. */
export class MatchingRenderer extends Component {
    static template = "account_tbc_bank.MatchingRenderer";
    static components = { TbcActionHelper, MatchingKeys, MatchingRow, MatchingSelection };
    static props = ["*"];

    setup() {
        const services = { orm: useService("orm"), notification: useService("notification") };
        this.page = useState(reactive(new MatchingPage(services)));
        this.state = useState({ isLoading: true, showsKeys: false, canSettle: false });
        this.root = useRef("root");
        onWillStart(async () => {
            this.state.canSettle = await user.hasGroup("account.group_account_basic");
            this.page.hasAnalytic = await user.hasGroup("analytic.group_analytic_accounting");
        });
        useEffect(
            () => {
                this.load();
            },
            () => [this.records.map((record) => record.id).join()]
        );
        this.addKeys();
        useBus(this.env.searchModel, "focus-view", () => this.focusRow(this.firstOpen));
    }

    // === WHAT IS SHOWN === #

    get sections() {
        const { list } = this.props;
        if (!list.isGrouped) {
            return [{ key: "all", records: list.records }];
        }
        return list.groups.map((group) => ({
            key: group.id,
            title: `${group.displayName || _t("None")} (${group.count})`,
            isFolded: group.isFolded,
            records: group.isFolded ? [] : group.list.records,
            toggle: () => group.toggle(),
            hasMore: !group.isFolded && group.list.count > group.list.records.length,
            showMore: () => this.showMore(group.list),
        }));
    }

    get texts() {
        const { left, settled_today } = this.page.counts;
        return {
            left: _t("%(count)s to match", { count: left }),
            settled: _t("%(count)s matched today", { count: settled_today }),
        };
    }

    get records() {
        return this.sections.flatMap((section) => section.records);
    }

    get shownRecords() {
        return this.records.filter((record) => this.page.cards[record.resId]);
    }

    get selected() {
        return this.shownRecords.filter(
            (record) => record.selected && !this.page.cards[record.resId].settled
        );
    }

    get firstOpen() {
        return this.shownRecords.find((record) => !this.page.cards[record.resId].settled);
    }

    get isAllSelected() {
        const open = this.shownRecords.filter(
            (record) => !this.page.cards[record.resId].settled
        );
        return open.length > 0 && open.every((record) => record.selected);
    }

    /** Whether the page is worked off, and the list is not. */
    get hasNextPage() {
        const { list } = this.props;
        const isShown = !this.state.isLoading && this.shownRecords.length > 0;
        return isShown && !list.isGrouped && !this.firstOpen && this.page.counts.left > 0;
    }

    showNextPage() {
        const { list } = this.props;
        return list.load({ offset: list.offset + list.limit });
    }

    showMore(list) {
        return list.load({ limit: list.records.length + list.model.initialLimit });
    }

    async load() {
        const ids = this.records.map((record) => record.resId);
        this.state.isLoading = true;
        await this.page.load(ids, this.env.searchModel.domain);
        this.state.isLoading = false;
        this.page.activeId = this.firstOpen?.resId || false;
        // Whatever else has the cursor, such as the pager, is in use.
        if (!this.env.isSmall && document.activeElement.matches("body, .o_searchview_input")) {
            this.page.focusOn = this.page.activeId;
        }
    }

    // === SELECTING === #

    toggleSelection(record, isRange) {
        const { records } = this;
        const last = records.indexOf(this.lastSelected);
        const wanted = !record.selected;
        if (isRange && last >= 0) {
            const [from, to] = [last, records.indexOf(record)].sort((a, b) => a - b);
            records.slice(from, to + 1).forEach((one) => this.select(one, wanted));
        } else {
            this.select(record, wanted);
        }
        this.lastSelected = record;
    }

    select(record, wanted) {
        if (!wanted || !this.page.cards[record.resId]?.settled) {
            record.toggleSelection(wanted);
        }
    }

    toggleAll() {
        const wanted = !this.isAllSelected;
        this.shownRecords.forEach((record) => this.select(record, wanted));
    }

    unselectAll() {
        this.records.forEach((record) => record.toggleSelection(false));
    }

    // === KEYS === #

    addKeys() {
        const inList = { area: () => this.root.el, allowRepeat: true };
        useHotkey("arrowdown", () => this.move(1), inList);
        useHotkey("arrowup", () => this.move(-1), inList);
        useHotkey("j", () => this.move(1), { allowRepeat: true });
        useHotkey("k", () => this.move(-1), { allowRepeat: true });
        const onRow = { area: () => this.root.el, isAvailable: (target) => isRow(target) };
        for (const [key, command] of [
            ["enter", "accept"],
            ["space", "select"],
            ["shift+space", "selectRange"],
        ]) {
            useHotkey(key, () => this.command(command), onRow);
        }
        for (const [key, command] of [
            ["o", "toggle"],
            ["s", "choose"],
            ["a", "toAccount"],
            ["p", "editPartner"],
            ["u", "undo"],
        ]) {
            useHotkey(key, () => this.command(command));
        }
        useHotkey("escape", () => this.closeRow(), { area: () => this.root.el });
        // Odoo's service of keys knows letters and digits only.
        useExternalListener(window, "keydown", (ev) => this.onKeydown(ev));
    }

    onKeydown(ev) {
        if (ev.key === "?" && !takesLetters(ev.target)) {
            this.state.showsKeys = !this.state.showsKeys;
        }
    }

    /** Have the row that is active do what a key says. */
    command(name) {
        const { activeId } = this.page;
        if (name === "select" || name === "selectRange") {
            const record = this.records.find((one) => one.resId === activeId);
            return record && this.toggleSelection(record, name === "selectRange");
        }
        if (activeId) {
            this.env.bus.trigger("TBC-MATCHING:COMMAND", { id: activeId, name });
        }
    }

    move(step) {
        const ids = this.shownRecords.map((record) => record.resId);
        const index = ids.indexOf(this.page.activeId) + step;
        if (index < 0) {
            this.env.searchModel.trigger("focus-search");
        } else if (index < ids.length) {
            this.page.focusOn = ids[index];
        }
    }

    /** Go on to the next row that is not settled, so that keys work it off. */
    next(id) {
        const ids = this.shownRecords.map((record) => record.resId);
        const after = ids.slice(ids.indexOf(id) + 1);
        const next = after.find((one) => !this.page.cards[one].settled);
        this.page.focusOn = next || id;
    }

    closeRow() {
        if (this.page.editsPartner) {
            this.page.editsPartner = false;
        } else {
            this.page.openId = false;
        }
        this.page.focusOn = this.page.activeId;
    }

    focusRow(record) {
        if (record) {
            this.page.focusOn = record.resId;
        }
    }
}

function isRow(element) {
    return element.classList.contains("o_tbc_row");
}
