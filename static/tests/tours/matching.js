import * as hoot from "@odoo/hoot-dom";

import { rpc } from "@web/core/network/rpc";
import { registry } from "@web/core/registry";

let clicks = 0;
window.addEventListener("pointerdown", () => clicks++, true);

/** The steps of one wish of the accountant's, which may cost so many clicks. */
export const within = (limit, wish, steps) => [
    {
        content: `${wish}: begins`,
        trigger: ".o_tbc_rows[aria-busy=false]",
        run: () => {
            clicks = 0;
            performance.clearResourceTimings();
        },
    },
    ...steps.map((step) => ({ content: wish, ...step })),
    {
        content: `${wish}: at most ${limit} clicks`,
        trigger: ".o_tbc_matching",
        run: () => {
            if (clicks > limit) {
                throw new Error(`${wish}: ${clicks} clicks, and ${limit} are enough`);
            }
        },
    },
];

/** Whether the browser asked for it once since the wish began. */
const inOneCall = (door) => ({
    trigger: ".o_tbc_matching",
    run() {
        const asked = performance.getEntriesByType("resource").map(({ name }) => name);
        const calls = asked.filter((name) => name.includes(`/${door}`));
        if (calls.length !== 1) {
            throw new Error(`${door}: ${calls.length} calls, and one is enough`);
        }
    },
});

export const row = (purpose) => `.o_tbc_row:contains(${purpose})`;
export const click = (trigger) => ({ trigger, run: "click" });
/** A busy machine needs more than the ten seconds of a step. */
export const patiently = (steps) => steps.map((step) => ({ timeout: 60000, ...step }));
export const settled = (purpose) => ({ trigger: `${row(purpose)}.o_tbc_settled` });

/** Type into the box that has the focus already; Enter takes what is offered. */
export const choose = (box, text) => [
    {
        trigger: `${box}:focus`,
        async run() {
            // What still scrolls would close what the box offers.
            await hoot.delay(500);
            await hoot.edit(text);
        },
    },
    {
        trigger: `.o-autocomplete--dropdown-item:contains(${text}):not(:contains(Search))`,
        run: () => hoot.press("Enter"),
    },
    { trigger: `${box}:value(${text})` },
];

/** Go to the next box by the Tab key alone. */
const tabTo = (box) => ({
    trigger: ".o_tbc_matching",
    async run() {
        for (let tabs = 0; tabs < 8; tabs++) {
            if (document.activeElement.matches(box)) {
                return;
            }
            await hoot.press("Tab");
        }
        throw new Error(`No Tab leads to ${box}`);
    },
});

export const inPart = (name, number = 1) => `.o_tbc_part:nth-of-type(${number}) [name=${name}] input`;

/** Teach a rule of one of two, which books the other, too. */
export const teachParking = () =>
    within(4, "always so, and the others that fit", [
        click(`${row("Parking 1")} .o_tbc_to_account`),
        ...choose(inPart("account"), "Tour Expenses"),
        click(`${row("Parking 1")} .o_tbc_always`),
        { trigger: ".o_tbc_rule_fits:contains(': 1.')" },
        click(`${row("Parking 1")} .o_tbc_always_all`),
        settled("Parking 1"),
        settled("Parking 2"),
    ]);

/** Set the partner of a row, in two clicks. */
const chooseFriend = (purpose) => [
    click(`${row(purpose)} .o_tbc_partner_button`),
    {
        trigger: ".o_tbc_partner_edit input:focus",
        run: () => hoot.edit("Friend LLC"),
    },
    {
        trigger: ".o-autocomplete--dropdown-item:contains(Friend LLC)",
        run: () => hoot.press("Enter"),
    },
];

export const wishes = (isPhone) => [
    ...within(1, "accept the proposal", [
        click(`${row("Pays the first")} .o_tbc_accept`),
        settled("Pays the first"),
    ]),
    ...within(1, "take it back", [
        click(`${row("Pays the first")} .o_tbc_undo`),
        { trigger: `${row("Pays the first")}:not(.o_tbc_settled)` },
    ]),
    ...within(2, "another proposal", [
        click(`${row("One of two")} .o_tbc_more`),
        click(`${row("One of two")} .o_tbc_offer:nth-of-type(2) .o_tbc_accept_this`),
        settled("One of two"),
    ]),
    ...within(4, "two open items of this partner", [
        click(`${row("Two at once")} .o_tbc_more`),
        click(`${row("Two at once")} .o_tbc_item:contains(30.00) input`),
        click(`${row("Two at once")} .o_tbc_item:contains(40.00) input`),
        click(`${row("Two at once")} .o_tbc_settle_now`),
        settled("Two at once"),
    ]),
    ...within(3, "an open item of another partner", [
        click(`${row("For a friend")} .o_tbc_choose`),
        ...(isPhone
            ? [
                  click(".modal .o_kanban_record:contains(Friend LLC)"),
                  click(".modal .o_select_button:not([disabled])"),
              ]
            : [
                  click(".modal .o_data_row:contains(Friend LLC) .o_list_record_selector input"),
                  click(".modal .o_select_button"),
              ]),
        settled("For a friend"),
    ]),
    ...within(4, "two open items of another partner", [
        click(`${row("For both friends")} .o_tbc_choose`),
        // Odoo shows what it has kept of the list, and forgets what is ticked as soon as
        // the server has answered.
        {
            trigger: isPhone ? ".modal .o_kanban_record" : ".modal .o_data_row",
            run: () => new Promise((done) => setTimeout(done, 1000)),
        },
        ...(isPhone
            ? [
                  click(".modal .o_kanban_record:contains(21.00)"),
                  { trigger: ".modal .o_record_selected:contains(21.00)" },
                  click(".modal .o_kanban_record:contains(23.00)"),
                  { trigger: ".modal .o_record_selected:contains(23.00)" },
                  click(".modal .o_select_button:not([disabled])"),
              ]
            : [
                  click(".modal .o_data_row:contains(21.00) .o_list_record_selector input"),
                  { trigger: ".modal .o_data_row_selected:contains(21.00)" },
                  click(".modal .o_data_row:contains(23.00) .o_list_record_selector input"),
                  { trigger: ".modal .o_data_row_selected:contains(23.00)" },
                  click(".modal .o_select_button"),
              ]),
        settled("For both friends"),
    ]),
    ...within(3, "an open item in part", [
        click(`${row("An instalment")} .o_tbc_more`),
        click(`${row("An instalment")} .o_tbc_item:contains(800.00) input`),
        click(`${row("An instalment")} .o_tbc_leave_open`),
        settled("An instalment"),
    ]),
    ...within(3, "a little is missing: to fees", [
        click(`${row("A little short")} .o_tbc_more`),
        click(`${row("A little short")} .o_tbc_item:contains(100.00) input`),
        click(`${row("A little short")} .o_tbc_rest_fees`),
        settled("A little short"),
    ]),
    ...within(3, "a little too much: to exchange differences", [
        click(`${row("A little too much")} .o_tbc_more`),
        click(`${row("A little too much")} .o_tbc_item:contains(60.00) input`),
        click(`${row("A little too much")} .o_tbc_rest_exchange`),
        settled("A little too much"),
    ]),
    ...within(2, "on account of a customer", [
        click(`${row("In advance")} .o_tbc_more`),
        click(`${row("In advance")} .o_tbc_on_customer`),
        settled("In advance"),
    ]),
    ...within(2, "on account of a vendor", [
        click(`${row("Before the bill")} .o_tbc_more`),
        click(`${row("Before the bill")} .o_tbc_on_vendor`),
        settled("Before the bill"),
    ]),
    ...within(2, "the other leg", [
        click(`${row("To our other account")} .o_tbc_more`),
        click(`${row("To our other account")} .o_tbc_details .btn:contains(/^(Accept|Take)$/)`),
        settled("To our other account"),
    ]),
    ...within(2, "the other leg, in another bank's journal", [
        click(`${row("To our other bank")} .o_tbc_more`),
        click(`${row("To our other bank")} .o_tbc_details .btn:contains(/^(Accept|Take)$/)`),
        settled("To our other bank"),
    ]),
    ...within(2, "the partner, made from what the bank says", [
        click(`${row("A newcomer 1")} .o_tbc_partner_button`),
        click(`${row("A newcomer 1")} .o_tbc_make_partner`),
        { trigger: `${row("A newcomer 1")} .o_tbc_partner:contains(Newcomer LLC)` },
        { trigger: `${row("A newcomer 2")} .o_tbc_partner:contains(Newcomer LLC)` },
    ]),
    ...within(1, "take the partner back of all that took it", [
        click(".o_notification:contains('took the partner') .btn:contains(Undo)"),
        { trigger: `${row("A newcomer 1")} .o_tbc_partner:contains(No partner)` },
        { trigger: `${row("A newcomer 2")} .o_tbc_partner:contains(No partner)` },
        { trigger: ".o_notification:contains('2 transactions have their earlier partner')" },
    ]),
    // It stays a contact, which the row finds by its tax code.
    ...within(2, "the partner once more", [
        click(`${row("A newcomer 1")} .o_tbc_partner_button`),
        click(`${row("A newcomer 1")} .o_tbc_make_partner`),
        { trigger: `${row("A newcomer 2")} .o_tbc_partner:contains(Newcomer LLC)` },
    ]),
];

/** What is typed into Odoo's own boxes; the keyboard of a phone has Enter and Next, too. */
export const typed = () => [
    ...within(3, "to an account, with tax, partner, analytic distribution and label", [
        click(`${row("Printer paper")} .o_tbc_to_account`),
        ...choose(inPart("account"), "Tour Expenses"),
        tabTo("[name=taxes] input"),
        { trigger: inPart("taxes"), run: () => hoot.edit("Tour Tax") },
        {
            trigger: ".o-autocomplete--dropdown-item:contains(Tour Tax)",
            run: () => hoot.press("Enter"),
        },
        { trigger: ".o_tbc_part [name=taxes] .o_tag:contains(Tour Tax)" },
        tabTo("[name=partner] input"),
        ...choose(inPart("partner"), "Friend LLC"),
        tabTo("[name=analytic] .o_input_dropdown, .analytic_distribution_popup input"),
        {
            trigger: ".analytic_distribution_popup input:focus",
            run: () => hoot.edit("Tour Project"),
        },
        {
            trigger: ".o-autocomplete--dropdown-item:contains(Tour Project)",
            run: () => hoot.press("Enter"),
        },
        { trigger: ".analytic_distribution_popup input:focus", run: () => hoot.press("Escape") },
        { trigger: ".o_tbc_part [name=analytic] .o_tag:contains(Tour Project)" },
        tabTo("[name=label] input"),
        { trigger: inPart("label"), run: () => hoot.edit("Paper for June") },
        click(`${row("Printer paper")} .o_tbc_settle_now`),
        settled("Printer paper"),
    ]),
    ...within(3, "to an account with a default tax; the next one learns of it", [
        click(`${row("Night taxi 1")} .o_tbc_to_account`),
        ...choose(inPart("account"), "Tour Travel"),
        { trigger: ".o_tbc_part [name=taxes] .o_tag:contains(Tour Tax)" },
        click(`${row("Night taxi 1")} .o_tbc_settle_now`),
        settled("Night taxi 1"),
        { trigger: `${row("Night taxi 2")} .o_tbc_proposal:contains(Tour Travel)` },
    ]),
    ...within(1, "accept what was learned", [
        click(`${row("Night taxi 2")} .o_tbc_accept`),
        settled("Night taxi 2"),
    ]),
    ...teachParking(),
    { trigger: ".o_notification:contains('Matched: 1')" },
    ...within(4, "several accounts", [
        click(`${row("Two things")} .o_tbc_to_account`),
        ...choose(inPart("account"), "Tour Expenses"),
        tabTo("[name=amount] input"),
        { trigger: inPart("amount"), run: () => hoot.edit("15", { confirm: "blur" }) },
        click(`${row("Two things")} .o_tbc_split`),
        ...choose(inPart("account", 2), "Tour Travel"),
        click(`${row("Two things")} .o_tbc_settle_now`),
        settled("Two things"),
    ]),
    ...within(2, "the partner", [
        ...chooseFriend("Who is it 1"),
        { trigger: `${row("Who is it 1")} .o_tbc_partner:contains(Friend LLC)` },
        { trigger: `${row("Who is it 2")} .o_tbc_partner:contains(Friend LLC)` },
    ]),
    ...within(1, "take the partner back, on another row that took it", [
        click(`${row("Who is it 2")} .o_tbc_partner_undo`),
        { trigger: `${row("Who is it 1")} .o_tbc_partner:contains(No partner)` },
        { trigger: `${row("Who is it 2")} .o_tbc_partner:contains(No partner)` },
    ]),
    ...within(2, "the partner again", [
        ...chooseFriend("Who is it 1"),
        { trigger: `${row("Who is it 2")} .o_tbc_partner:contains(Friend LLC)` },
    ]),
];

export const search = (text, isPhone) => [
    ...(isPhone ? [click(".o_control_panel .btn:has(> .fa-search)")] : []),
    {
        trigger: ".o_searchview_input",
        run: `edit ${text}`,
    },
    { trigger: ".o_searchview_input", run: "press Enter" },
    { trigger: `.o_searchview_facet:contains(${text})` },
    // The facet is there before the list is.
    { trigger: `.o_tbc_rows[aria-busy=false]:not(:has(.o_tbc_row:not(:contains(${text}))))` },
];

const proposed = () => [
    ...within(3, "the first proposal of all selected", [
        click(".o_tbc_select_all"),
        click(".o_tbc_accept_all"),
        {
            trigger: ".o_tbc_rows:not(:has(.o_tbc_row:not(.o_tbc_settled)))",
            timeout: 60000,
        },
        { trigger: ".o_notification:contains('Matched: 20')" },
        inOneCall("tbc_settle_many"),
    ]),
];

const toAccount = () => [
    ...within(3, "twenty to one account", [
        click(".o_tbc_select_all"),
        { trigger: ".o_tbc_selection:contains(20 selected)" },
        click(".o_tbc_selection [name=account] input"),
        ...choose(".o_tbc_selection [name=account] input", "Tour Expenses"),
        click(".o_tbc_settle_all"),
        {
            trigger: ".o_tbc_rows:not(:has(.o_tbc_row:not(.o_tbc_settled)))",
            timeout: 60000,
        },
        { trigger: ".o_notification:contains('Matched: 20')" },
        inOneCall("tbc_settle_many"),
    ]),
];

const toPartner = () => [
    ...within(3, "twenty to one partner", [
        click(".o_tbc_select_all"),
        click(".o_tbc_selection [name=partner] input"),
        ...choose(".o_tbc_selection [name=partner] input", "Friend LLC"),
        click(".o_tbc_partner_all"),
        { trigger: ".o_tbc_row:nth-of-type(20) .o_tbc_partner:contains(Friend LLC)" },
        { trigger: ".o_tbc_matching:not(:has(.o_tbc_selection))" },
        inOneCall("tbc_set_partner"),
    ]),
];

const many = (isPhone) => [
    ...search("Morning coffee", isPhone),
    { trigger: ".o_tbc_row:nth-of-type(20)" },
    ...toPartner(),
    ...within(1, "take the partner of all twenty back", [
        click(".o_notification:contains('Partner set: 20') .btn:contains(Undo)"),
        { trigger: ".o_tbc_rows:not(:has(.o_tbc_partner:contains(Friend LLC)))" },
        { trigger: ".o_notification:contains('20 transactions have their earlier')" },
        inOneCall("tbc_unset_partner"),
    ]),
    ...toPartner(),
    ...toAccount(),
    ...within(1, "take all twenty back", [
        click(".o_notification:contains('Matched: 20') .btn:contains(Undo)"),
        { trigger: ".o_tbc_rows:not(:has(.o_tbc_settled))", timeout: 60000 },
    ]),
    ...toAccount(),
    click(".o_searchview_facet:contains(Morning coffee) .o_facet_remove"),
    // The search of a phone is open still.
    ...search("Daily sale", false),
    { trigger: ".o_tbc_row:nth-of-type(20)" },
    ...proposed(),
];

const tours = registry.category("web_tour.tours");
tours.add("account_tbc_bank_match", {
    steps: () => patiently([...wishes(false), ...typed(), ...many(false)]),
});
tours.add("account_tbc_bank_match_phone", {
    steps: () => patiently([...wishes(true), ...typed(), ...many(true)]),
});

const first = ".o_tbc_row:nth-of-type(1)";
const second = ".o_tbc_row:nth-of-type(2)";

const pressOn = (key, more) => ({
    trigger: ".o_tbc_row:focus",
    run: () => hoot.press(key, more),
});

const SEARCHED = "Printer paper";
/** So long a row waits at most before it takes the focus. */
const twoFrames = async () => {
    await hoot.animationFrame();
    await hoot.animationFrame();
};

/** The day's rest without a mouse. */
tours.add("account_tbc_bank_match_keys", {
    steps: () => patiently([
        { trigger: `${first}:focus`, run: () => hoot.press("?") },
        { trigger: ".o_tbc_keys", run: () => hoot.press("?") },
        { trigger: ".o_tbc_matching:not(:has(.o_tbc_keys))" },
        pressOn("j"),
        { trigger: `${second}.o_tbc_active`, run: () => hoot.press("k") },
        { trigger: `${first}.o_tbc_active`, run: () => hoot.press("Enter") },
        { trigger: `${first}.o_tbc_settled` },
        { trigger: ".o_tbc_settled_today:contains(/^[12] matched/)" },
        { trigger: `${second}:focus`, run: () => hoot.press("ArrowUp") },
        { trigger: `${first}:focus`, run: () => hoot.press("u") },
        { trigger: `${first}:not(.o_tbc_settled)` },
        { trigger: ".o_tbc_settled_today:contains('0 matched today')" },
        { trigger: `${first}:focus`, run: () => hoot.press("a") },
        { trigger: `${inPart("account")}:focus`, run: () => hoot.press("Escape") },
        { trigger: `${first}:focus:not(.o_tbc_open)`, run: () => hoot.press("s") },
        { trigger: ".modal .o_list_view, .modal .o_kanban_view", run: () => hoot.press("Escape") },
        { trigger: "body:not(:has(.modal))" },
        { trigger: `${first}:focus`, run: () => hoot.press("o") },
        { trigger: `${first}.o_tbc_open:focus`, run: () => hoot.press("o") },
        { trigger: `${first}:focus:not(.o_tbc_open)`, run: () => hoot.press("p") },
        { trigger: ".o_tbc_partner_edit input:focus", run: () => hoot.press("Escape") },
        // The partner, and back.
        { trigger: `${first}:focus:not(:has(.o_tbc_partner_edit))`, run: () => hoot.press("p") },
        { trigger: ".o_tbc_partner_edit input:focus", run: () => hoot.edit("Friend LLC") },
        {
            trigger: ".o-autocomplete--dropdown-item:contains(Friend LLC)",
            run: () => hoot.press("Enter"),
        },
        { trigger: `${first} .o_tbc_partner_undo` },
        { trigger: `${first}:focus`, run: () => hoot.press("u") },
        { trigger: `${first}:focus:not(:has(.o_tbc_partner_undo))`, run: () => hoot.press(" ") },
        { trigger: `${first}.o_tbc_selected:focus`, run: () => hoot.press("ArrowDown") },
        { trigger: `${second}:focus`, run: () => hoot.press(["Shift", " "]) },
        { trigger: ".o_tbc_selection:contains(2 selected)" },
        { trigger: `${second}.o_tbc_selected:focus`, run: () => hoot.press("ArrowUp") },
        { trigger: `${first}:focus`, run: () => hoot.press("ArrowUp") },
        {
            content: "Who types before a row takes the focus goes on typing",
            trigger: ".o_searchview_input:focus",
            async run() {
                await hoot.press("ArrowDown");
                await hoot.edit(SEARCHED);
                await twoFrames();
                await hoot.press("Enter");
            },
        },
        {
            content: "So does who clicks there while the list is coming",
            trigger: `.o_searchview_facet:contains(${SEARCHED})`,
            run: () => hoot.click(".o_searchview_input"),
        },
        { trigger: ".o_search_bar_menu" },
        {
            trigger: ".o_tbc_rows[aria-busy=false]:not(:has(.o_tbc_row:nth-of-type(2)))",
            run: twoFrames,
        },
        { trigger: ".o_searchview_input:focus" },
    ]),
});

/** What somebody else does meanwhile, of whom the page knows nothing. */
const acceptedElsewhere = (purpose) => ({
    trigger: row(purpose),
    run: ({ anchor }) => {
        const [model, method] = ["account.bank.statement.line", "tbc_settle_many"];
        return rpc(`/web/dataset/call_kw/${model}/${method}`, {
            model,
            method,
            args: [[Number(anchor.dataset.id)], { first_proposal: true }],
            kwargs: {},
        });
    },
});

/** From the journal's card to exactly what it counts, and refusals on their rows. */
tours.add("account_tbc_bank_match_card", {
    steps: () => patiently([
        { trigger: ".o_kanban_record:contains(TBC GEL) a[name=action_tbc_to_match]:contains('62 to match')", run: "click" },
        { trigger: ".o_tbc_left:contains('62 to match')" },
        { trigger: ".o_pager_limit:contains(/^62$/)" },
        click(`${row("Printer paper")} .o_tbc_to_account`),
        ...choose(inPart("account"), "Bank Suspense Account"),
        click(`${row("Printer paper")} .o_tbc_settle_now`),
        { trigger: `${row("Printer paper")} .o_tbc_problem:contains("choose another account")` },
        acceptedElsewhere("Pays the first"),
        click(`${row("Pays the first")} .o_tbc_accept`),
        { trigger: `${row("Pays the first")} .o_tbc_problem:contains("matched this transaction")` },
        settled("Pays the first"),
        { trigger: ".o_tbc_left:contains('61 to match')" },
        { trigger: "body:not(:has(.o_error_dialog, .modal))" },
    ]),
});
