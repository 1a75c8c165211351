import { registry } from "@web/core/registry";

/** What Odoo asks before the secrets: each time. */
const givePassword = (password) => [
    { trigger: ".modal input[type=password][autocomplete=current-password]", run: `edit ${password}` },
    { trigger: ".modal button[name=run_check]", run: "click" },
];

// What a director does once: the bank's five steps, then accounts and journals.
registry.category("web_tour.tours").add("account_tbc_bank_setup", {
    steps: () => [
        { trigger: ".o_list_button_add", run: "click" },
        { trigger: "div[name=name] input", run: "edit Tour" },
        { trigger: "input[data-value=sandbox]", run: "click" },
        { trigger: ".o_form_button_save", run: "click" },
        { trigger: "button[name=action_enter_credentials]", run: "click" },
        ...givePassword("tbc_owner"),
        { trigger: ".modal input[name=client_id]", run: "edit fake-client-id" },
        { trigger: ".modal input[name=client_secret]", run: "edit fake-client-secret" },
        { trigger: ".modal button[name=save_credentials]", run: "click" },
        { trigger: ".o_notification:contains('The connection works')" },
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
        { trigger: "button[name=action_discover_accounts]", run: "click" },
        { trigger: ".o_data_row:nth-child(3)" },
        { trigger: "thead .o_list_record_selector input", run: "click" },
        { trigger: "button[name=action_create_journal]", run: "click" },
        {
            trigger: ".o_data_row:contains(TBC GEL) .o_data_cell[name=iban]",
            run: "click",
        },
        { trigger: "button[name=action_sync]", run: "click" },
        { trigger: ".o_notification:contains('Balance agrees with the bank.')" },
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
            trigger: ".o_kanban_record:contains(TBC GEL) div[name=tbc_account]:contains('agrees')",
        },
        {
            trigger: ".o_kanban_record:contains(TBC GEL) button#all_transactions_btn",
            run: "click",
        },
        { trigger: ".o_list_view .o_data_row" },
    ],
});
