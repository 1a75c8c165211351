import { Component, useChildSubEnv, useEffect, useRef, useState } from "@odoo/owl";

import { deserializeDate, formatDate } from "@web/core/l10n/dates";
import { _t } from "@web/core/l10n/translation";
import { getCurrency } from "@web/core/currency";
import { useBus, useService } from "@web/core/utils/hooks";
import { Many2One } from "@web/views/fields/many2one/many2one";
import { formatMonetary } from "@web/views/fields/formatters";
import { SelectCreateDialog } from "@web/views/view_dialogs/select_create_dialog";

import { isTooMuch, leftOf, newItem, settlementOf } from "./draft";
import { MatchingDetails } from "./matching_details";
import { TYPED } from "./matching_part";
import { MatchingTold } from "./matching_told";
import { openItemsDialog } from "./open_items";
import { isFocusFree } from "./typing";

// A payment that is short by more than this share of it pays an item in part.
const SHORT_SHARE = 0.05;

/** One transaction: what the bank says, the best proposal, and what to do with it. */
export class MatchingRow extends Component {
    static template = "account_tbc_bank.MatchingRow";
    static components = { Many2One, MatchingDetails, MatchingTold };
    static props = {
        page: Object,
        card: Object,
        record: Object,
        canSettle: Boolean,
        isSelected: { type: Boolean, optional: true },
        toggleSelection: Function,
        next: Function,
    };

    setup() {
        this.action = useService("action");
        this.dialog = useService("dialog");
        this.page = useState(this.props.page);
        useChildSubEnv(TYPED);
        this.root = useRef("root");
        // Of what waits for the partner alone: how it is settled then.
        this.state = useState({ autofocus: false, onAccount: false });
        useBus(this.env.bus, "TBC-MATCHING:COMMAND", ({ detail }) => this.onCommand(detail));
        useEffect(
            (isWanted) => {
                if (isWanted) {
                    this.takeFocus();
                }
            },
            () => [this.page.focusOn === this.id]
        );
        useEffect(
            (isEdited) => {
                if (isEdited) {
                    this.root.el.querySelector(".o_tbc_partner_edit input")?.focus();
                }
            },
            () => [this.editsPartner]
        );
    }

    // === WHAT IS SHOWN === #

    get card() {
        return this.props.card;
    }

    get id() {
        return this.card.id;
    }

    get best() {
        return this.card.proposals[0];
    }

    get isOpen() {
        return this.page.openId === this.id;
    }

    get isActive() {
        return this.page.activeId === this.id;
    }

    /** Whether it can only be looked at. */
    get isReadOnly() {
        return this.card.settled || !this.props.canSettle;
    }

    get isBusy() {
        return this.page.isBusy(this.id);
    }

    get editsPartner() {
        return this.isActive && this.page.editsPartner;
    }

    get problem() {
        return this.page.problems[this.id];
    }

    get day() {
        return formatDate(deserializeDate(this.card.date));
    }

    get digits() {
        return getCurrency(this.card.currency_id)?.digits?.[1] ?? 2;
    }

    money(amount, currencyId = this.card.currency_id) {
        return formatMonetary(amount, { currencyId });
    }

    get texts() {
        const { counterparty, settled_by } = this.card;
        const amount = this.money(Math.abs(this.best?.difference || 0));
        return {
            newPartner: _t("New: %(name)s", { name: counterparty }),
            difference: _t("differs by %(amount)s", { amount }),
            settled: settled_by ? _t("Matched by %(name)s", { name: settled_by }) : _t("Matched"),
        };
    }

    // === DOING === #

    accept(proposal = this.best) {
        if (proposal) {
            return this.settle(proposal.settlement);
        }
    }

    async settle(settlement) {
        await this.go(this.page.settle(this.id, settlement));
    }

    async settleAlways(settlement, rule, apply) {
        await this.go(this.page.settleAlways(this.id, settlement, rule, apply));
    }

    async go(doing) {
        if (await doing) {
            this.props.next();
        }
    }

    async undo() {
        await this.page.undoOne(this.id);
        this.page.focusOn = this.id;
    }

    toggle(ev) {
        // What is marked to be copied stays so.
        if (ev?.target.closest("button, a, input, .o_tbc_partner_edit") || hasSelection()) {
            return;
        }
        this.open(!this.isOpen);
    }

    open(wanted = true, autofocus = false) {
        this.state.autofocus = autofocus;
        this.page.activeId = this.id;
        if (wanted) {
            this.page.open(this.id);
        } else {
            this.page.openId = false;
        }
    }

    toAccount() {
        this.open(true, !this.isOpen);
        this.root.el.querySelector(".o_tbc_part [name=account] input")?.focus();
    }

    activate() {
        if (this.page.activeId !== this.id) {
            this.page.activeId = this.id;
            this.page.editsPartner = false;
        }
        this.page.focusOn = false;
    }

    /** Unless somebody types by now: the next letters would be commands. */
    takeFocus() {
        this.page.focusOn = false;
        if (isFocusFree()) {
            this.root.el.focus({ preventScroll: true });
            this.root.el.scrollIntoView({ block: "nearest" });
        }
    }

    openEntry() {
        return this.action.doAction({
            type: "ir.actions.act_window",
            res_model: "account.move",
            res_id: this.card.move_id,
            views: [[false, "form"]],
        });
    }

    onCommand({ id, name }) {
        if (id !== this.id || (!this.props.canSettle && name !== "toggle")) {
            return;
        }
        const isToUndo = this.card.settled || this.card.named;
        if (name === "toggle" || (name === "undo" ? isToUndo : !this.card.settled)) {
            this.commands[name]();
        }
    }

    get commands() {
        return {
            accept: () => this.accept(),
            toggle: () => this.open(!this.isOpen),
            choose: () => this.choose(),
            toAccount: () => this.toAccount(),
            editPartner: () => this.editPartner(),
            undo: () => (this.card.settled ? this.undo() : this.unsetPartner()),
        };
    }

    // === THE PARTNER === #

    /** @param onAccount how the line is settled as soon as the partner is known */
    editPartner(onAccount = false) {
        this.state.onAccount = onAccount;
        this.page.activeId = this.id;
        this.page.editsPartner = true;
    }

    /** Settle what waited for the partner; the row keeps the focus where nothing did. */
    async afterPartner(answer, onAccount) {
        const { partner } = this.page.cards[this.id];
        if (answer && onAccount && partner) {
            await this.settle({ ...onAccount, partner_id: partner[0] });
        } else {
            this.page.focusOn = this.id;
        }
    }

    get partnerValue() {
        const { partner } = this.card;
        return partner && { id: partner[0], display_name: partner[1] };
    }

    async setPartner(partner) {
        const { onAccount } = this.state;
        this.page.editsPartner = false;
        const answer = partner && (await this.page.setPartner(this.id, partner.id));
        await this.afterPartner(answer, onAccount);
    }

    async makePartner() {
        const { onAccount } = this.state;
        this.page.editsPartner = false;
        await this.afterPartner(await this.page.makePartner(this.id), onAccount);
    }

    async unsetPartner() {
        await this.page.unsetPartner(this.id);
        this.page.focusOn = this.id;
    }

    // === CHOOSING BY HAND === #

    /** Odoo's dialog of open items; what fits is settled at once. */
    choose() {
        this.page.activeId = this.id;
        const props = openItemsDialog(this.card, this.props.record, this.money(this.card.amount));
        this.dialog.add(
            SelectCreateDialog,
            { ...props, onSelected: (ids) => this.onChosen(ids) },
            { onClose: () => (this.page.focusOn = this.id) }
        );
    }

    async onChosen(ids) {
        const items = await this.page.call("tbc_match_items", [this.id], ids);
        const draft = this.page.draft(this.id);
        const known = new Set(draft.items.map((item) => item.id));
        const added = items.filter((item) => !known.has(item.id));
        draft.items.push(...added.map((item) => newItem(item, this.card.currency_id)));
        if (this.isSettledBy(draft)) {
            await this.settle(settlementOf(draft, { left_open: this.isTooMuch(draft) }));
        } else {
            this.open();
        }
    }

    isTooMuch(draft) {
        return isTooMuch(this.card.amount, draft, this.digits);
    }

    /** Whether the items use up the line: exactly, or clearly as a part of the last one. */
    isSettledBy(draft) {
        const { amount } = this.card;
        const left = leftOf(amount, draft, this.digits);
        const isPart = this.isTooMuch(draft) && Math.abs(left) > SHORT_SHARE * Math.abs(amount);
        return !left || isPart;
    }
}

function hasSelection() {
    return window.getSelection()?.type === "Range" && window.getSelection().toString().trim();
}
