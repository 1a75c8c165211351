import { Component, onWillStart, useEffect, useRef, useState } from "@odoo/owl";

import { deserializeDate, formatDate } from "@web/core/l10n/dates";
import { _t } from "@web/core/l10n/translation";
import { useService } from "@web/core/utils/hooks";
import { SelectCreateDialog } from "@web/views/view_dialogs/select_create_dialog";

import { AmountInput } from "./amount_input";
import {
    isEmpty,
    isTooMuch,
    isWhole,
    leftOf,
    newItem,
    newPart,
    settlementOf,
    takesRest,
    whenKnown,
} from "./draft";
import { MatchingPart } from "./matching_part";
import { MatchingRule } from "./matching_rule";
import { MatchingTold } from "./matching_told";
import { otherLegDialog, otherLegDomain } from "./open_items";

const LEGS_SHOWN = 3;
const LEG_FIELDS = ["date", "journal_id", "payment_ref", "amount", "currency_id"];

/** What opens below a row: all proposals, the open items, and what else can be done. */
export class MatchingDetails extends Component {
    static template = "account_tbc_bank.MatchingDetails";
    static components = { AmountInput, MatchingPart, MatchingRule, MatchingTold };
    static props = {
        page: Object,
        card: Object,
        record: Object,
        digits: Number,
        autofocus: Boolean,
        money: Function,
        settle: Function,
        settleAlways: Function,
        choose: Function,
        openEntry: Function,
        editPartner: Function,
    };

    setup() {
        this.dialog = useService("dialog");
        this.orm = useService("orm");
        this.page = useState(this.props.page);
        this.root = useRef("root");
        this.state = useState({ legs: [], showsRule: false, newKey: false, rest: false });
        onWillStart(() => {
            this.loadLegs();
        });
        useEffect(
            (isToSettle) => {
                if (isToSettle) {
                    this.state.rest = false;
                    this.settle();
                }
            },
            () => [Boolean(this.state.rest) && takesRest(this.draft)]
        );
    }

    // === WHAT IS SHOWN === #

    get card() {
        return this.props.card;
    }

    get draft() {
        return this.page.draft(this.card.id);
    }

    get companyId() {
        return this.props.record.data.company_id.id;
    }

    /** 1 for money in, -1 for money out: here all amounts are shown as the line's. */
    get sign() {
        return this.card.amount < 0 ? -1 : 1;
    }

    get isEmpty() {
        return isEmpty(this.draft);
    }

    get isWhole() {
        return isWhole(this.card.amount, this.draft, this.props.digits);
    }

    get isTooMuch() {
        return isTooMuch(this.card.amount, this.draft, this.props.digits);
    }

    get left() {
        return leftOf(this.card.amount, this.draft, this.props.digits);
    }

    /** Whether the open items leave something that has no place yet. */
    get hasRest() {
        return this.draft.items.length > 0 && this.left !== 0 && !takesRest(this.draft);
    }

    get texts() {
        const amount = this.props.money(Math.abs(this.left));
        const { partner } = this.card;
        return {
            items: partner
                ? _t("Open Items of %(partner)s", { partner: partner[1] })
                : _t("Open Items"),
            more: _t("%(count)s more: choose them by hand.", { count: this.moreItems }),
            left: _t("%(amount)s left", { amount }),
            leaveOpen: _t("Leave %(amount)s Open", { amount }),
            toFees: _t("%(amount)s to Fees", { amount }),
            toExchange: _t("%(amount)s to Exchange Differences", { amount }),
            restGoes: _t("Choose the account of %(amount)s.", { amount }),
        };
    }

    get canBeAlways() {
        return this.isWhole && !this.draft.items.length;
    }

    get restAccounts() {
        const { fees, gain, loss } = this.page.restAccounts[this.card.journal[0]] || {};
        return { fees, exchange: this.left > 0 ? gain : loss };
    }

    /** Where an account for such a rest is chosen for good. */
    get setUp() {
        const { tbc } = this.page.restAccounts[this.card.journal[0]] || {};
        return {
            fees: tbc ? _t("With a Bank Fees Account on the TBC account it is one click.") : "",
            exchange: _t("With exchange difference accounts in the settings it is one click."),
        };
    }

    get items() {
        const offered = new Set(this.card.items.map((item) => item.id));
        return [...this.card.items, ...this.draft.items.filter((item) => !offered.has(item.id))];
    }

    get moreItems() {
        return this.card.items_count - this.card.items.length;
    }

    day(date) {
        return date ? formatDate(deserializeDate(date)) : "";
    }

    daysOf(item) {
        const day = this.day(item.date);
        return item.due && item.due !== item.date
            ? _t("%(day)s, due %(due)s", { day, due: this.day(item.due) })
            : day;
    }

    isChosen(item) {
        return this.draft.items.some((one) => one.id === item.id);
    }

    // === OPEN ITEMS === #

    toggleItem(item) {
        const { draft } = this;
        this.state.rest = false;
        if (this.isChosen(item)) {
            draft.items = draft.items.filter((one) => one.id !== item.id);
        } else {
            draft.items.push(newItem(item, this.card.currency_id));
        }
    }

    itemAmount(item) {
        const chosen = this.draft.items.find((one) => one.id === item.id);
        return this.amountInput(chosen, "taken", chosen.need);
    }

    /** How an amount of the draft is shown and entered: without the line's sign. */
    amountInput(one, name, placeholder) {
        const { sign } = this;
        return {
            value: one[name] === null ? null : one[name] * sign,
            placeholder: placeholder * sign,
            digits: this.props.digits,
            update: (value) => (one[name] = value === null ? null : value * sign),
        };
    }

    // === STRAIGHT TO ACCOUNTS === #

    partAmount(part) {
        return this.amountInput(part, "amount", this.left);
    }

    split() {
        const part = newPart();
        this.draft.parts.push(part);
        this.state.newKey = part.key;
        this.state.showsRule = false;
    }

    removePart(part) {
        this.draft.parts = this.draft.parts.filter((one) => one.key !== part.key);
    }

    // === SETTLING === #

    async settle(more = {}) {
        await whenKnown(this.draft.parts);
        // Of an item in another currency only the server knows to the last cent.
        const left_open = this.draft.items.length > 0 && !this.left;
        return this.props.settle(settlementOf(this.draft, { left_open, ...more }));
    }

    /** The rest to an account; where none is set up, to the one that is chosen next. */
    settleRest(kind) {
        const account = this.restAccounts[kind];
        if (account) {
            return this.settle({ rest: account[0] });
        }
        this.state.rest = kind;
        if (this.draft.parts.at(-1).account) {
            return this.split();
        }
        const boxes = this.root.el.querySelectorAll(".o_tbc_part [name=account] input");
        boxes[boxes.length - 1].focus();
    }

    async settleAlways(rule, apply) {
        await whenKnown(this.draft.parts);
        return this.props.settleAlways(settlementOf(this.draft), rule, apply);
    }

    onAccount(kind) {
        if (!this.card.partner) {
            // What is chosen stays, though another partner has other open items.
            return this.props.editPartner(settlementOf(this.draft, { on_account: kind }));
        }
        return this.settle({ on_account: kind, partner_id: this.card.partner[0] });
    }

    // === THE OTHER LEG === #

    async loadLegs() {
        const domain = [
            ...otherLegDomain(this.card, this.companyId),
            ["amount", "=", -this.card.amount],
        ];
        this.state.legs = await this.orm.silent.searchRead(
            "account.bank.statement.line",
            domain,
            LEG_FIELDS,
            { limit: LEGS_SHOWN, order: "date desc" }
        );
    }

    get legs() {
        const offered = this.card.proposals.map((one) => one.settlement.other_line_id);
        return this.state.legs.filter((leg) => !offered.includes(leg.id));
    }

    takeLeg(id) {
        return this.settle({ other_line_id: id });
    }

    chooseLeg() {
        const amount = this.props.money(this.card.amount);
        const props = otherLegDialog(this.card, this.props.record, amount);
        this.dialog.add(
            SelectCreateDialog,
            { ...props, onSelected: ([id]) => this.takeLeg(id) },
            { onClose: () => (this.page.focusOn = this.card.id) }
        );
    }
}
