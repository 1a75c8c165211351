/**
 * What a person puts together for one transaction before it is settled.
 *
 * Amounts are signed as the transaction is, in its currency. An amount of `null` is
 * "what is left". Plain functions: they know no screen and no server.
 */

let nextKey = 1;

export function newPart(vals = {}) {
    return {
        key: nextKey++,
        account: false,
        partner: false,
        taxes: [],
        analytic: false,
        label: "",
        amount: null,
        asked: null,
        ...vals,
    };
}

export function newDraft() {
    return { items: [], parts: [newPart()] };
}

const filledParts = (draft) => draft.parts.filter((part) => part.account);

/** An open item that a person chose; it needs what is open of it. */
export function newItem(item, currencyId) {
    const need = item.currency_id === currencyId ? item.residual : item.amount;
    return { ...item, need, taken: null };
}

const takenBy = (item) => item.taken ?? item.need;

/** What is left of `amount`, before the part that takes the rest. */
export function leftOf(amount, draft, digits = 2) {
    const items = draft.items.map((item) => takenBy(item));
    const parts = filledParts(draft).map((part) => part.amount || 0);
    const used = [...items, ...parts].reduce((sum, one) => sum + one, 0);
    return Number((amount - used).toFixed(digits)) || 0;
}

/** Wait for what is still asked of the server for these parts. */
export function whenKnown(parts) {
    return Promise.all(parts.map((part) => part.asked));
}

export function isEmpty(draft) {
    return !draft.items.length && !filledParts(draft).length;
}

const restParts = (draft) => filledParts(draft).filter((part) => part.amount === null);

export function takesRest(draft) {
    return restParts(draft).length > 0;
}

/** Whether the open items come to more than there is: the last can stay open in part. */
export function isTooMuch(amount, draft, digits) {
    return draft.items.length > 0 && leftOf(amount, draft, digits) * amount < 0;
}

/** Whether it can be settled as it is. */
export function isWhole(amount, draft, digits) {
    const rests = restParts(draft).length;
    return !isEmpty(draft) && (rests ? rests === 1 : !leftOf(amount, draft, digits));
}

/** What the server is asked for. */
export function settlementOf(draft, more = {}) {
    const { rest, ...others } = more;
    const parts = filledParts(draft);
    const wanted = rest ? [...parts, newPart({ account: { id: rest } })] : parts;
    return {
        why: false,
        partner_id: false,
        items: draft.items.map((item) => ({ id: item.id, amount: item.taken ?? null })),
        left_open: false,
        parts: wanted.map(partVals),
        other_line_id: false,
        on_account: false,
        ...others,
    };
}

function partVals(part) {
    return {
        account_id: part.account.id,
        amount: part.amount,
        tax_ids: part.taxes.map((tax) => tax.id),
        partner_id: part.partner ? part.partner.id : false,
        analytic_distribution: part.analytic || false,
        label: part.label || false,
    };
}
