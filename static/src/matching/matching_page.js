import { _t } from "@web/core/l10n/translation";
import { RPCError } from "@web/core/network/rpc";

import { newDraft } from "./draft";

const LINE = "account.bank.statement.line";
// So many cards the server makes at once.
const CARDS_AT_ONCE = 80;

/**
 * The transactions that are shown: their cards, and what a person does with them.
 *
 * Each call of the server is one door of the bank line. What it refuses is a sentence on
 * the row; whatever is no sentence of its goes the usual way.
 */
export class MatchingPage {
    constructor({ orm, notification }) {
        this.orm = orm;
        this.notification = notification;
        this.cards = {};
        this.drafts = {};
        this.problems = {};
        this.rules = {}; // {id of the line that taught it: rule}
        this.counts = { left: 0, settled_today: 0 };
        this.restAccounts = {};
        this.openId = false;
        this.activeId = false;
        this.focusOn = false;
        this.editsPartner = false;
        this.hasAnalytic = false;
        this.busyIds = [];
        this.closePartnerNotice = () => {};
        this.domain = [];
        this.loads = 0;
    }

    // === READING === #

    /** Show these lines; of two calls the later one counts. */
    async load(ids, domain) {
        const number = ++this.loads;
        const [restAccounts, ...cards] = await this.fetch(ids);
        if (number === this.loads) {
            Object.assign(this, { openId: false, problems: {}, drafts: {}, restAccounts, domain });
            this.cards = Object.assign({}, ...cards);
            await this.count();
        }
    }

    fetch(ids) {
        const pages = [];
        for (let first = 0; first < ids.length; first += CARDS_AT_ONCE) {
            pages.push(this.call("tbc_match_cards", ids.slice(first, first + CARDS_AT_ONCE)));
        }
        return Promise.all([ids.length ? this.call("tbc_rest_accounts", ids) : {}, ...pages]);
    }

    /** What is left of what is searched, and what was settled today. */
    async count() {
        this.counts = await this.orm.silent.call(LINE, "tbc_match_counts", [this.domain]);
    }

    /** What the bank told of a line, and how it is matched. */
    details(id) {
        return this.orm.silent.call(LINE, "tbc_match_details", [[id]]);
    }

    draft(id) {
        if (!this.drafts[id]) {
            this.drafts[id] = newDraft();
        }
        return this.drafts[id];
    }

    open(id) {
        this.draft(id);
        this.openId = id;
    }

    isBusy(id) {
        return this.busyIds.includes(id);
    }

    // === DOING === #

    settle(id, settlement) {
        return this.act(id, "tbc_settle", settlement);
    }

    /** Take back what settled one line, or several. */
    undo(ids) {
        return this.act(ids, "tbc_unsettle");
    }

    async undoOne(id) {
        await this.undo(id);
        this.tellRuleStays(id);
    }

    /** Take back the rule that this line taught, and what was settled with it. */
    async unteach(id) {
        const rule = this.rules[id];
        // Another of its buttons was quicker.
        if (!rule) {
            return;
        }
        const answer = await this.act(rule.lines, "tbc_unteach", rule.id);
        if (answer) {
            delete this.rules[id];
            this.renew(this.openIds.filter((one) => !(one in answer.cards)));
        }
    }

    async setPartner(id, partnerId) {
        const answer = await this.act(id, "tbc_set_partner", partnerId);
        this.tellOthers(id, answer);
        return answer;
    }

    async makePartner(id) {
        const answer = await this.act(id, "tbc_make_partner");
        this.tellOthers(id, answer);
        return answer;
    }

    /** Give these lines, and what was named with them, their earlier partner again. */
    async unsetPartner(ids) {
        const answer = await this.act(ids, "tbc_unset_partner");
        const count = Object.keys(answer?.cards || {}).length;
        if (count > 1) {
            this.notification.add(
                _t("%(count)s transactions have their earlier partner again.", { count }),
                { type: "success" }
            );
        }
    }

    async settleAlways(id, settlement, rule, apply) {
        const answer = await this.change(id, "tbc_settle_always", settlement, rule, apply);
        if (answer) {
            this.tellTaught(id, answer);
            this.keepProblems(answer.problems);
            // The rule is proposed to whatever it fits, of any counterparty.
            this.renew(this.openIds.filter((one) => !(one in answer.cards)));
            // Some may be of other pages.
            await this.count();
        }
        return answer;
    }

    /** Settle several; those that Odoo refuses keep their sentence. */
    async settleMany(ids, settlement) {
        const answer = await this.act(ids, "tbc_settle_many", settlement);
        if (answer) {
            this.tellSettled(answer.settled);
            this.keepProblems(answer.problems);
        }
        return answer;
    }

    /** Name the partner of several; those that Odoo refuses keep their sentence. */
    async setPartners(ids, partnerId) {
        const answer = await this.act(ids, "tbc_set_partner_many", partnerId);
        if (answer) {
            this.tellOthersOfMany(ids, answer);
            this.keepProblems(answer.problems);
        }
    }

    /** Change these lines, as `change` does; the rows like them learn of it. */
    async act(ids, method, ...args) {
        const before = [ids].flat().flatMap((id) => this.cards[id] || []);
        const answer = await this.change(ids, method, ...args);
        if (answer) {
            const after = Object.keys(answer.cards).flatMap((id) => this.cards[id] || []);
            this.renewLike([...before, ...after]);
            // The other leg of a transfer may stand on another page.
            if (Object.keys(answer.cards).some((id) => !(id in this.cards))) {
                await this.count();
            }
        }
        return answer;
    }

    /**
     * Call a door of these lines and take over the cards that it changed.
     *
     * @returns what it answered; nothing where it refused, with its sentence on the rows,
     *     which show how they are now: somebody else may have settled them
     */
    async change(ids, method, ...args) {
        const some = [ids].flat().filter((id) => !this.isBusy(id));
        if (!some.length) {
            return;
        }
        let answer;
        this.busyIds.push(...some);
        some.forEach((id) => delete this.problems[id]);
        const sentence = await this.sentence(async () => {
            answer = await this.call(method, some, ...args);
            this.takeOver(answer.cards);
        });
        this.busyIds = this.busyIds.filter((id) => !some.includes(id));
        if (sentence) {
            some.forEach((id) => (this.problems[id] = sentence));
            await this.renew(some);
        }
        return answer;
    }

    /** The sentence with which the server refuses what is done; empty where it does not. */
    async sentence(doing) {
        try {
            await doing();
            return "";
        } catch (error) {
            if (!isForPerson(error)) {
                this.busyIds = [];
                throw error;
            }
            return error.data.message;
        }
    }

    // === WHAT THE OTHERS LEARN === #

    get openIds() {
        const open = Object.values(this.cards).filter((card) => !card.settled);
        return open.map((card) => card.id);
    }

    /** Ask anew for the rows to which something else may be proposed after a change. */
    renewLike(changed) {
        const marks = new Set(changed.flatMap((card) => marksOf(card)));
        const known = new Set(changed.map((card) => card.id));
        const alike = this.openIds.filter(
            (id) => !known.has(id) && marksOf(this.cards[id]).some((mark) => marks.has(mark))
        );
        return this.renew(alike);
    }

    /** Ask anew for these cards; what somebody changes meanwhile is newer. */
    async renew(ids) {
        const before = Object.fromEntries(ids.map((id) => [id, this.cards[id]]));
        for (let first = 0; first < ids.length; first += CARDS_AT_ONCE) {
            const some = ids.slice(first, first + CARDS_AT_ONCE);
            const cards = await this.orm.silent.call(LINE, "tbc_match_cards", [some]);
            const same = Object.entries(cards).filter(
                ([id]) => this.cards[id] === before[id] && !this.isBusy(Number(id))
            );
            this.takeOver(Object.fromEntries(same));
        }
    }

    /** The changed cards in the place of the old ones; a line of another page has none. */
    takeOver(cards) {
        for (const [id, card] of Object.entries(cards)) {
            const known = this.cards[id];
            if (known && known.settled !== card.settled) {
                this.openId = this.openId === card.id && card.settled ? false : this.openId;
                const step = card.settled ? 1 : -1;
                this.counts.left -= step;
                this.counts.settled_today = Math.max(0, this.counts.settled_today + step);
            }
            if (known) {
                this.cards[id] = card;
                this.renewDraft(id, card, known);
            }
        }
    }

    /** The open items of another partner are others; the accounts stay. */
    renewDraft(id, card, known) {
        if (card.settled) {
            delete this.drafts[id];
        } else if (this.drafts[id] && card.partner?.[0] !== known.partner?.[0]) {
            this.drafts[id].items = [];
        }
    }

    call(method, ids, ...args) {
        return this.orm.call(LINE, method, [ids, ...args]);
    }

    // === TELLING === #

    keepProblems(problems) {
        Object.assign(this.problems, problems);
    }

    /** Say how many others took the partner, with a button that takes it back of all. */
    tellOthers(id, answer) {
        const count = answer?.others;
        if (answer) {
            // Its undo would take back the later partner.
            this.closePartnerNotice();
        }
        if (count) {
            this.tellPartner(
                _t("%(count)s more open transactions of this counterparty took the partner.", {
                    count,
                }),
                id
            );
        }
    }

    tellOthersOfMany(ids, { others: count, problems }) {
        const named = ids.filter((id) => !(id in problems));
        if (named.length) {
            const sentences = [_t("Partner set: %(count)s.", { count: named.length })];
            if (count) {
                sentences.push(
                    _t("%(count)s more open transactions of these counterparties took the partner.", {
                        count,
                    })
                );
            }
            this.tellPartner(sentences.join(" "), named);
        }
    }

    /** One at a time, as an undo takes back what was set last. */
    tellPartner(sentence, ids) {
        this.closePartnerNotice();
        this.closePartnerNotice = this.tellWithButton(sentence, _t("Undo"), () =>
            this.unsetPartner(ids)
        );
    }

    /** Say how many were settled, with a button that takes all of them back. */
    tellSettled(ids) {
        if (ids.length) {
            this.tellWithButton(
                _t("Matched: %(count)s.", { count: ids.length }),
                _t("Undo"),
                () => this.undo(ids)
            );
        }
    }

    /** Say which rule was made, with a button that takes it and what it settled back. */
    tellTaught(id, { rule, settled }) {
        const count = settled.filter((one) => one !== id).length;
        const sentences = [_t("New rule: %(name)s.", { name: rule[1] })];
        if (count) {
            sentences.push(_t("Matched: %(count)s.", { count }));
        }
        this.rules[id] = { id: rule[0], name: rule[1], lines: settled };
        this.tellWithButton(sentences.join(" "), _t("Undo"), () => this.unteach(id));
    }

    /** After the undo of the row that taught a rule: the rule goes on. */
    tellRuleStays(id) {
        if (this.rules[id] && !this.cards[id].settled) {
            const { name } = this.rules[id];
            this.tellWithButton(
                _t("The rule “%(name)s” is still on.", { name }),
                _t("Undo the Rule"),
                () => this.unteach(id)
            );
        }
    }

    tellWithButton(sentence, name, onClick) {
        const close = this.notification.add(sentence, {
            type: "success",
            autocloseDelay: 10000,
            buttons: [
                {
                    name,
                    onClick: async () => {
                        close();
                        await onClick();
                    },
                },
            ],
        });
        return close;
    }
}

/** What two transactions have in common that learn from each other. */
function marksOf(card) {
    const { counterparty, counterparty_iban, tax_code, partner } = card;
    const settlements = card.proposals.map((proposal) => proposal.settlement);
    return [
        tax_code && `tax code ${tax_code}`,
        counterparty_iban && `iban ${counterparty_iban}`,
        counterparty && `name ${counterparty}`,
        partner && `partner ${partner[0]}`,
        ...card.items.map((item) => `item ${item.id}`),
        ...settlements.flatMap(({ items }) => items.map((item) => `item ${item.id}`)),
        ...settlements.map((one) => one.other_line_id && `line ${one.other_line_id}`),
    ].filter(Boolean);
}

/** Whether Odoo raised it for a person to read. */
function isForPerson(error) {
    return error instanceof RPCError && error.exceptionName?.startsWith("odoo.exceptions.");
}
