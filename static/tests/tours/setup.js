import { rpc } from "@web/core/network/rpc";
import { registry } from "@web/core/registry";

const MOST_CLICKS = 9;

/** What Odoo asks before the secrets: each time. */
const givePassword = (password) => [
    { trigger: ".modal input[type=password][autocomplete=current-password]", run: `edit ${password}` },
    { trigger: ".modal button[name=run_check]", run: "click" },
];

/** The one highlighted button of the uppermost dialog, or of the form. */
const nextStepIs = (name) => ({
    content: `${name} is the one highlighted button`,
    trigger: `.btn-primary[name=${name}]:visible`,
    run() {
        const dialogs = [...document.querySelectorAll(".modal")];
        const place = dialogs.at(-1) || document.querySelector(".o_form_view");
        const buttons = [...place.querySelectorAll(".btn-primary:not(.o-mail-Chatter *)")];
        const names = buttons.filter((one) => one.offsetParent).map((one) => one.name || one.className);
        if (names.join() !== name) {
            throw new Error(`highlighted: ${names.join(", ")} instead of ${name}`);
        }
    },
});

const enterPair = (clientId, secret) => [
    { trigger: ".modal input[name=client_id]", run: `edit ${clientId}` },
    { trigger: ".modal input[name=client_secret]", run: `edit ${secret}` },
    nextStepIs("save_credentials"),
    { trigger: ".modal button[name=save_credentials]", run: "click" },
];

/** The steps, refused if somebody would click more often than is allowed. */
function countClicks(steps, most = MOST_CLICKS) {
    const clicks = steps.filter((step) => step.run === "click").length;
    const told = `${clicks} clicks of ${most}`;
    return [
        ...steps,
        {
            content: told,
            trigger: "body",
            run() {
                if (clicks > most) {
                    throw new Error(told);
                }
            },
        },
    ];
}

const showAccounts = [
    { trigger: ".modal div[name=line_ids] .o_data_row:nth-child(3)" },
    { trigger: ".modal div[name=line_ids] td[name=exchange_rate]:contains('GEL')" },
    { trigger: ".modal div[name=line_ids] td[name=plan]:contains('New journal TBC GEL')" },
    { trigger: ".modal div[name=fee_account_id]:contains('Bank Fees'), .modal div[name=fee_account_id] input:value('Bank Fees')" },
    { trigger: ".modal .o_inner_group div[name=sync_from]" },
    nextStepIs("action_start"),
];

const isSyncing = [
    { trigger: "body:not(:has(.modal))" },
    { trigger: ".o_arrow_button_current[data-value=connected]" },
    { trigger: ".o_tbc_sync_progress .progress:eq(2)" },
    nextStepIs("action_sync"),
];

// What somebody does alone who sets up Odoo and is linked to the integration.
registry.category("web_tour.tours").add("account_tbc_bank_alone", {
    steps: () =>
        countClicks([
            {
                trigger: ".o_kanban_record:has(button[name=action_configure_bank_journal]) button[name=action_tbc_connect]",
                run: "click",
            },
            { trigger: "div[name=name] input:value(Odoo)" },
            nextStepIs("action_enter_credentials"),
            { trigger: "input[data-value=sandbox]", run: "click" },
            { trigger: "div[name=can_initiate_transfers] input", run: "click" },
            { trigger: "button[name=action_enter_credentials]", run: "click" },
            nextStepIs("run_check"),
            ...givePassword("tbc_owner"),
            ...enterPair("fake-client-id", "fake-client-secret"),
            ...showAccounts,
            { trigger: ".modal button[name=action_start]", run: "click" },
            ...isSyncing,
        ]),
});

// What an administrator does where the director is linked to the integration…
registry.category("web_tour.tours").add("account_tbc_bank_hand_over", {
    steps: () =>
        countClicks(
            [
                { trigger: "div[name=name] input:value(Odoo)" },
                { trigger: "input[data-value=sandbox]", run: "click" },
                { trigger: "div[name=user_id] input", run: "edit tbc_director" },
                { trigger: ".o-autocomplete--dropdown-item a:contains(tbc_director)", run: "click" },
                nextStepIs("action_hand_over"),
                { trigger: "button[name=action_hand_over]", run: "click" },
                { trigger: ".o_notification:contains('was asked to enter the Client ID')" },
                { trigger: ".alert-info:contains('opens the activity')" },
                nextStepIs("action_remind"),
            ],
            4
        ),
});

// … and what the director does then, up to the first sync.
registry.category("web_tour.tours").add("account_tbc_bank_taken_on", {
    steps: () =>
        countClicks(
            [
                nextStepIs("action_enter_credentials"),
                { trigger: "button[name=action_enter_credentials]", run: "click" },
                ...givePassword("tbc_director"),
                ...enterPair("fake-client-id", "fake-client-secret"),
                ...showAccounts,
                { trigger: ".modal button[name=action_start]", run: "click" },
                ...isSyncing,
            ],
            5
        ),
});

const isToldOnce = (place) => ({
    trigger: `${place} .alert-danger:contains('Sandbox and production have different ones.')`,
    run() {
        const told = document.body.textContent.split("is wrong").length - 1;
        if (told !== 1) {
            throw new Error(`told ${told} times`);
        }
        if (document.body.textContent.includes("Entered and sealed")) {
            throw new Error("called sealed beside it");
        }
    },
});

// A Secret that is wrong since somebody replaced it at the bank…
registry.category("web_tour.tours").add("account_tbc_bank_wrong_pair_of_before", {
    steps: () => [
        nextStepIs("action_test_connection"),
        { trigger: "button[name=action_test_connection]", run: "click" },
        isToldOnce(".o_form_view"),
        nextStepIs("action_enter_credentials"),
    ],
});

// … and what an administrator sees of it.
registry.category("web_tour.tours").add("account_tbc_bank_wrong_pair_of_before_seen_by_others", {
    steps: () => [
        isToldOnce(".o_form_view"),
        nextStepIs("action_remind"),
        { trigger: "button[name=action_remind]", run: "click" },
        { trigger: ".o_notification:contains('was asked to enter the Client ID')" },
    ],
});

// A wrong Secret is told once, where it was typed.
registry.category("web_tour.tours").add("account_tbc_bank_wrong_pair", {
    steps: () => [
        { trigger: "button[name=action_enter_credentials]", run: "click" },
        ...givePassword("tbc_director"),
        ...enterPair("fake-client-id", "of-production"),
        isToldOnce(".modal"),
        ...enterPair("fake-client-id", "fake-client-secret"),
        ...showAccounts,
        { trigger: ".modal button[special=cancel]", run: "click" },
        { trigger: "body:not(:has(.modal))" },
        nextStepIs("action_set_up"),
    ],
});

// What a director does once: the bank's five steps, then accounts and journals.
registry.category("web_tour.tours").add("account_tbc_bank_setup", {
    steps: () => [
        { trigger: ".o_list_button_add", run: "click" },
        { trigger: "div[name=name] input", run: "edit Tour" },
        { trigger: "input[data-value=sandbox]", run: "click" },
        { trigger: "button[name=action_enter_credentials]", run: "click" },
        ...givePassword("tbc_owner"),
        ...enterPair("fake-client-id", "fake-client-secret"),
        ...showAccounts,
        { trigger: ".modal button[special=cancel]", run: "click" },
        { trigger: "body:not(:has(.modal))" },
        { trigger: ".o_arrow_button_current[data-value=connected]" },
        {
            content: "The boxes never come back filled",
            trigger: "button[name=action_enter_credentials]",
            run: "click",
        },
        ...givePassword("tbc_owner"),
        { trigger: ".modal input[name=client_secret]:value()" },
        { trigger: ".modal button[name=discard]", run: "click" },
        { trigger: "body:not(:has(.modal))" },
        { trigger: "button[name=action_set_up]", run: "click" },
        ...showAccounts,
        { trigger: ".modal button[name=action_start]", run: "click" },
        ...isSyncing,
        { trigger: "button[name=action_open_accounts]", run: "click" },
        {
            trigger: ".o_data_row:contains(TBC GEL) .o_data_cell[name=iban]",
            run: "click",
        },
        { trigger: "button[name=action_sync]", run: "click" },
        { trigger: ".o_notification:contains('Balance checked.')" },
        { trigger: ".o_field_widget[name=line_count] .o_stat_value:not(:contains(/^0$/))" },
    ],
});

// What an accountant does: one click on the journal's card.
registry.category("web_tour.tours").add("account_tbc_bank_card", {
    steps: () => [
        {
            trigger: ".o_kanban_record:contains(TBC GEL) button[name=action_tbc_sync]",
            run: "click",
        },
        { trigger: ".o_notification:contains('No new transactions.')" },
        {
            trigger: ".o_kanban_record:contains(TBC GEL) div[name=tbc_account]:contains('Balance checked')",
        },
        {
            trigger: ".o_kanban_record:contains(TBC GEL) button#all_transactions_btn",
            run: "click",
        },
        { trigger: ".o_list_view .o_data_row" },
        {
            content: "The journal is a filter in sight",
            trigger: ".o_searchview .o_facet_value:contains(TBC GEL)",
        },
        {
            content: "A search that finds nothing says so",
            trigger: ".o_searchview_input",
            run: "edit nothing like this",
        },
        { trigger: ".o_searchview_input", run: "press Enter" },
        { trigger: ".o_view_nocontent:contains('Nothing found')" },
        { trigger: "button[data-menu-xmlid='account_tbc_bank.menu_tbc_bank']", run: "click" },
        { trigger: "a[data-menu-xmlid='account_tbc_bank.menu_tbc_difference']", run: "click" },
        { trigger: ".o_view_nocontent:contains('No differences are known')" },
        { trigger: "button[data-menu-xmlid='account_tbc_bank.menu_tbc_bank']", run: "click" },
        { trigger: "a[data-menu-xmlid='account_tbc_bank.menu_tbc_to_match']", run: "click" },
        { trigger: ".o_tbc_matching" },
        {
            content: "Where transactions are matched, too",
            trigger: ".o_searchview_input",
            run: "edit nothing like this",
        },
        { trigger: ".o_searchview_input", run: "press Enter" },
        { trigger: ".o_tbc_matching .o_view_nocontent:contains('Nothing found')" },
    ],
});

const call = (model, method, ...args) =>
    rpc(`/web/dataset/call_kw/${model}/${method}`, { model, method, args, kwargs: {} });

// The check goes on in the background, and its form tells so by itself.
registry.category("web_tour.tours").add("account_tbc_bank_check", {
    steps: () => [
        { trigger: "button[name=action_check_answers]", run: "click" },
        { trigger: ".o_tbc_check_progress:contains('0 questions asked')" },
        { trigger: ".o_arrow_button_current[data-value=waiting]" },
        {
            trigger: ".o_form_view:not(:has(button[name=action_save_file]))",
            async run() {
                const domain = [["model_id.model", "=", "tbc.check"]];
                await call("ir.cron", "method_direct_trigger", await call("ir.cron", "search", domain));
            },
        },
        { trigger: ".o_arrow_button_current[data-value=done]" },
        { trigger: "div[name=line_ids] .o_data_row:contains('As Expected')" },
        { trigger: ".o_form_view:not(:has(.o_tbc_check_progress)) button[name=action_save_file]" },
    ],
});
