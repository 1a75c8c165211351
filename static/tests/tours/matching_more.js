import * as hoot from "@odoo/hoot-dom";

import { registry } from "@web/core/registry";

import {
    choose,
    click,
    inPart,
    patiently,
    row,
    search,
    settled,
    teachParking,
    typed,
    wishes,
    within,
} from "./matching";

const tours = registry.category("web_tour.tours");

const toTourExpenses = [
    click(".o_tbc_selection [name=account] input"),
    ...choose(".o_tbc_selection [name=account] input", "Tour Expenses"),
    click(".o_tbc_settle_all"),
];

/** Five rows a page: what is settled leaves the list, and nothing is jumped over. */
tours.add("account_tbc_bank_match_pages", {
    steps: () => patiently([
        ...search("Morning coffee", false),
        { trigger: ".o_pager_limit:contains(/^20$/)" },
        click(".o_tbc_select_all"),
        ...toTourExpenses,
        { trigger: ".o_tbc_rows:not(:has(.o_tbc_row:not(.o_tbc_settled)))" },
        { trigger: ".o_tbc_left:contains('15 to match')" },
        click(".o_tbc_next_page"),
        { trigger: ".o_pager_limit:contains(/^15$/)" },
        { trigger: ".o_pager_value:contains(/^1-5$/)" },
        { trigger: ".o_tbc_rows[aria-busy=false]:not(:has(.o_tbc_settled))" },
        { trigger: ".o_tbc_matching:not(:has(.o_tbc_next_page))" },
        click(".o_tbc_row:nth-of-type(1) .o_tbc_check input"),
        ...toTourExpenses,
        { trigger: ".o_tbc_row:nth-of-type(1).o_tbc_settled" },
        click(".o_pager_next"),
        { trigger: ".o_pager_value:contains(/^5-9$/)" },
        { trigger: ".o_pager_limit:contains(/^14$/)" },
        { trigger: ".o_tbc_rows[aria-busy=false]:not(:has(.o_tbc_settled))" },
        click(".o_pager_previous"),
        { trigger: ".o_pager_value:contains(/^1-5$/)" },
        { trigger: ".o_tbc_rows[aria-busy=false]" },
    ]),
});

/** One row a page: the other leg is on the next one. */
tours.add("account_tbc_bank_match_other_page", {
    steps: () => patiently([
        ...search("our other account", false),
        { trigger: ".o_tbc_left:contains('2 to match')" },
        click(".o_tbc_row .o_tbc_more"),
        click(".o_tbc_details .btn:contains(/^(Accept|Take)$/)"),
        { trigger: ".o_tbc_row.o_tbc_settled" },
        { trigger: ".o_tbc_left:contains('0 to match')" },
        { trigger: ".o_tbc_settled_today:contains('2 matched today')" },
        { trigger: ".o_tbc_matching:not(:has(.o_tbc_next_page))" },
    ]),
});

const everywhere = () => [
    ...within(2, "on account, of somebody unknown", [
        click(`${row("Who is it 1")} .o_tbc_more`),
        click(`${row("Who is it 1")} .o_tbc_on_customer`),
        { trigger: ".o_tbc_waits_for_partner:contains(Choose the partner)" },
        {
            trigger: ".o_tbc_partner_edit input:focus",
            run: () => hoot.edit("Friend LLC"),
        },
        {
            trigger: ".o-autocomplete--dropdown-item:contains(Friend LLC)",
            run: () => hoot.press("Enter"),
        },
        settled("Who is it 1"),
        { trigger: `${row("Who is it 2")} .o_tbc_partner:contains(Friend LLC)` },
    ]),
    ...within(4, "several open items in the dialog", [
        click(`${row("Two at once")} .o_tbc_choose`),
        { trigger: ".modal .o_select_button[disabled]" },
    ]),
];

const choosing = (isPhone) => {
    const item = (amount) =>
        isPhone
            ? `.modal .o_kanban_record:contains(${amount})`
            : `.modal .o_data_row:contains(${amount}) .o_list_record_selector input`;
    return [
        click(item("30.00")),
        click(item("40.00")),
        click(".modal .o_select_button:not([disabled])"),
        settled("Two at once"),
    ];
};

const toldAndTaken = () => [
    ...within(3, "a little is missing, and no account of fees is set up", [
        click(`${row("A little short")} .o_tbc_more`),
        // What the bank tells.
        { trigger: `${row("A little short")} .o_tbc_facts dd:contains(/^405100002$/)` },
        { trigger: `${row("A little short")} .o_tbc_facts dd:contains(/^20 Incoming$/)` },
        click(`${row("A little short")} .o_tbc_item:contains(100.00) input`),
        click(`${row("A little short")} .o_tbc_rest_fees`),
        { trigger: ".o_tbc_rest_goes:contains('Bank Fees Account')" },
        ...choose(inPart("account"), "Tour Fees").slice(0, 2),
        settled("A little short"),
    ]),
    ...within(1, "look at what is settled", [
        click(`${row("A little short")} .o_tbc_more`),
        { trigger: `${row("A little short")} .o_tbc_went:contains(Tour Fees)` },
        { trigger: ".o_tbc_read_only .o_tbc_facts dt:contains('Matched By')" },
        { trigger: ".o_tbc_read_only:not(:has(input))" },
    ]),
    ...teachParking(),
    ...within(1, "take the rule back with all that it settled", [
        click(".o_notification:contains('City Parking') .btn:contains(Undo)"),
        { trigger: `${row("Parking 1")}:not(.o_tbc_settled)` },
        { trigger: `${row("Parking 2")}:not(.o_tbc_settled)` },
    ]),
    ...within(4, "always so again", [
        click(`${row("Parking 1")} .o_tbc_to_account`),
        ...choose(inPart("account"), "Tour Expenses"),
        click(`${row("Parking 1")} .o_tbc_always`),
        click(`${row("Parking 1")} .o_tbc_always_one`),
        settled("Parking 1"),
    ]),
    ...within(2, "take back the row, then its rule", [
        click(`${row("Parking 1")} .o_tbc_undo`),
        { trigger: `${row("Parking 1")}:not(.o_tbc_settled)` },
        click(".o_notification:contains('still on') .btn:contains('Undo the Rule')"),
        { trigger: "body:not(:has(.o_notification:contains('still on')))" },
        { trigger: ".o_tbc_rows:not(:has([aria-busy=true]))" },
    ]),
];

tours.add("account_tbc_bank_match_more", {
    steps: () => patiently([...everywhere(), ...choosing(false), ...toldAndTaken()]),
});
tours.add("account_tbc_bank_match_more_phone", {
    steps: () => patiently([...everywhere(), ...choosing(true), ...toldAndTaken()]),
});

/** One settled row of each wish, the other leg's among them. */
const SETTLED = [
    "One of two",
    "Two at once",
    "For a friend",
    "For both friends",
    "An instalment",
    "A little short",
    "A little too much",
    "In advance",
    "Before the bill",
    "To our other account",
    "To our other bank",
    "Printer paper",
    "Night taxi 1",
    "Night taxi 2",
    "Parking 1",
    "Parking 2",
    "Two things",
];

/** All that can be settled is taken back, with a click each. */
const eachBack = (isPhone) => [
    ...wishes(isPhone),
    ...typed(),
    ...SETTLED.flatMap((purpose) =>
        within(1, `take back: ${purpose}`, [
            click(`${row(purpose)} .o_tbc_undo`),
            { trigger: `${row(purpose)}:not(.o_tbc_settled)` },
        ])
    ),
    ...["A newcomer 1", "Who is it 1"].flatMap((purpose) =>
        within(1, `take back the partner: ${purpose}`, [
            click(`${row(purpose)} .o_tbc_partner_undo`),
            { trigger: `${row(purpose)} .o_tbc_partner:contains(No partner)` },
        ])
    ),
    { trigger: ".o_tbc_rows:not(:has(.o_tbc_settled))" },
];

tours.add("account_tbc_bank_match_back", { steps: () => patiently(eachBack(false)) });
tours.add("account_tbc_bank_match_back_phone", { steps: () => patiently(eachBack(true)) });
