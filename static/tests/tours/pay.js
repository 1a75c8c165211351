import { registry } from "@web/core/registry";

// What an accountant does: pays a bill as any other, and queues the payment.
registry.category("web_tour.tours").add("account_tbc_bank_queue", {
    steps: () => [
        { trigger: ".o_data_row:contains(Vendor LLC) td[name=name]", run: "click" },
        { trigger: "button[name=action_register_payment]", run: "click" },
        { trigger: ".modal div[name=journal_id] input", run: "edit TBC GEL" },
        {
            trigger: ".o-autocomplete--dropdown-item:contains(TBC GEL)",
            run: "click",
        },
        {
            content: "By hand is what a journal offers first",
            trigger: ".modal div[name=payment_method_line_id] input:value(Manual Payment)",
        },
        {
            trigger: ".modal div[name=payment_method_line_id] input",
            run: "edit TBC Transfer",
        },
        {
            trigger: ".o-autocomplete--dropdown-item:contains(TBC Transfer)",
            run: "click",
        },
        { trigger: ".modal div[name=payment_method_line_id] input:value(TBC Transfer)" },
        { trigger: ".modal button[name=action_create_payments]", run: "click" },
        { trigger: "body:not(:has(.modal))" },
        {
            content: "The bill is not paid yet",
            trigger: ".o_widget_web_ribbon span:contains(In Payment)",
        },
        { trigger: "button[name=open_payments]", run: "click" },
        { trigger: "div[name=tbc_transfer_type]:contains(Within TBC)" },
        { trigger: "button[name=action_tbc_queue]", run: "click" },
        { trigger: ".o_notification:contains('Queued: 1 transfer')" },
        { trigger: "button[name=action_tbc_open_transfers]:contains(Queued)" },
    ],
});

// What the integration user does: looks at it, and proves who initiates.
registry.category("web_tour.tours").add("account_tbc_bank_initiate", {
    steps: () => [
        { trigger: ".o_data_row:contains(Vendor LLC) .o_list_record_selector input", run: "click" },
        { trigger: "button[name=action_review]", run: "click" },
        { trigger: ".modal h2:contains('1 transfer, 123.45')" },
        { trigger: ".modal button[name=action_confirm]", run: "click" },
        { trigger: ".modal input[type=password]", run: "edit tbc_director" },
        { trigger: ".modal button[name=run_check]", run: "click" },
        { trigger: ".o_notification:contains('Going to the bank now: 1 transfer')" },
        { trigger: "body:not(:has(.modal))" },
    ],
});

// What the accountant sees once the director has signed.
registry.category("web_tour.tours").add("account_tbc_bank_paid", {
    steps: () => [
        { trigger: ".o_data_row:contains(Vendor LLC) td[name=recipient]", run: "click" },
        { trigger: "button[name=action_refresh_status]", run: "click" },
        { trigger: ".o_notification:contains('In Progress') button.o_notification_close", run: "click" },
        { trigger: "button[name=action_refresh_status]", run: "click" },
        { trigger: ".o_arrow_button_current[data-value=done]" },
        { trigger: "div[name=payment_id] a", run: "click" },
        { trigger: ".o_arrow_button_current[data-value=in_process]" },
        { trigger: "button[data-menu-xmlid='account.menu_board_journal_1'], a[data-menu-xmlid='account.menu_board_journal_1']", run: "click" },
        { trigger: ".o_kanban_record:contains(TBC GEL) button[name=action_tbc_sync]", run: "click" },
        { trigger: ".o_notification:contains('1 new transaction')" },
        { trigger: "button[data-menu-xmlid='account.menu_finance_payables']", run: "click" },
        { trigger: "a[data-menu-xmlid='account.menu_action_move_in_invoice_type']", run: "click" },
        { trigger: ".o_data_row:contains(Vendor LLC) td[name=name]", run: "click" },
        { trigger: ".o_widget_web_ribbon span:contains(Paid)" },
    ],
});
