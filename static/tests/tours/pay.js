import { registry } from "@web/core/registry";
import { atMost, startCounting } from "@account_tbc_bank/../tests/tours/clicks";

// What an accountant does: pays a bill as any other; its transfer is prepared with it.
registry.category("web_tour.tours").add("account_tbc_bank_pay", {
    steps: () => [
        startCounting,
        { trigger: ".o_data_row:contains(Vendor LLC) td[name=name]", run: "click" },
        { trigger: "button[name=action_register_payment]:visible", run: "click" },
        { trigger: ".modal div[name=journal_id] input:value(TBC GEL)" },
        { trigger: ".modal div[name=payment_method_line_id] input:value(TBC Transfer)" },
        { trigger: ".modal div[name=tbc_prepare] input:checked" },
        {
            content: "Whether the recipient's account is trusted is not cut off",
            trigger: ".modal div[name=partner_bank_id] input:value(trusted)",
            run() {
                if (this.anchor.scrollWidth > this.anchor.clientWidth) {
                    throw new Error(`cut: ${this.anchor.value}`);
                }
            },
        },
        { trigger: ".modal button[name=action_create_payments]", run: "click" },
        { trigger: ".o_notification:contains('Prepared: 1 transfer, 123.45')" },
        atMost(5),
        { trigger: "body:not(:has(.modal))" },
        {
            content: "The bill is not paid yet",
            trigger: ".o_widget_web_ribbon span:contains(In Payment)",
        },
        { trigger: "button[name=open_payments]", run: "click" },
        { trigger: "div[name=tbc_transfer_type]:contains(Within TBC)" },
        { trigger: "button[name=action_tbc_open_transfers]:contains(To Initiate)" },
    ],
});

// Five bills in one batch.
registry.category("web_tour.tours").add("account_tbc_bank_pay_five", {
    steps: () => [
        { trigger: ".o_data_row:eq(4)" },
        startCounting,
        ...[0, 1, 2, 3, 4].map((number) => ({
            trigger: `.o_data_row:eq(${number}) .o_list_record_selector input`,
            run: "click",
        })),
        { trigger: "button[name=action_force_register_payment]", run: "click" },
        { trigger: ".modal div[name=tbc_batch_name] input:value(Payments of)" },
        { trigger: ".modal button[name=action_create_payments]:visible", run: "click" },
        { trigger: ".o_notification:contains('Prepared: 5 transfers, 1,500.00')" },
        atMost(7),
        { trigger: ".o_data_row div[name=tbc_shown_state]:contains(To Initiate)" },
    ],
});

// Without the box nobody asks the bank, and everybody sees it.
registry.category("web_tour.tours").add("account_tbc_bank_not_prepared", {
    steps: () => [
        { trigger: ".o_data_row:contains(Vendor LLC) td[name=name]", run: "click" },
        { trigger: "button[name=action_register_payment]:visible", run: "click" },
        { trigger: ".modal div[name=tbc_prepare] input:checked", run: "click" },
        { trigger: ".modal .alert-danger:contains(will not be asked to pay)" },
        { trigger: ".modal button[name=action_create_payments]", run: "click" },
        { trigger: "body:not(:has(.modal))" },
        { trigger: ".o_widget_web_ribbon span:contains(Not Prepared)" },
        { trigger: "button[name=open_payments]", run: "click" },
        { trigger: ".alert-danger:contains(the transfer is not prepared)" },
        { trigger: "button[name=action_tbc_queue]", run: "click" },
        { trigger: ".o_notification:contains('Prepared: 1 transfer')" },
        { trigger: "button[name=action_tbc_open_transfers]:contains(To Initiate)" },
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
        { trigger: ".o_data_row div[name=shown_state]:contains('Initiated, Sending')" },
    ],
});

// On a phone: from the activity to what was initiated.
registry.category("web_tour.tours").add("account_tbc_bank_initiate_on_phone", {
    steps: () => [
        { trigger: ".o-mail-ActivityMenu-counter" },
        startCounting,
        { trigger: "button:has(.o-mail-ActivityMenu-counter)", run: "click" },
        { trigger: ".o-mail-ActivityGroup[data-model_name='tbc.account']", run: "click" },
        { trigger: ".o_kanban_record:contains('3 transfers, 600.00')" },
        { trigger: ".o_kanban_record button[name=action_initiate]", run: "click" },
        { trigger: ".modal h2:contains('3 transfers, 600.00')" },
        { trigger: ".modal .o_kanban_record:contains(Vendor LLC):contains(300.00)" },
        { trigger: ".modal button[name=action_confirm]", run: "click" },
        { trigger: ".modal input[type=password]" },
        atMost(4),
        { trigger: ".modal input[type=password]", run: "edit tbc_director" },
        { trigger: ".modal button[name=run_check]", run: "click" },
        { trigger: ".o_notification:contains('Going to the bank now: 3 transfers')" },
        { trigger: "body:not(:has(.modal))" },
        {
            content: "The state is in sight, and goes on by itself",
            trigger: ".o_kanban_record:contains(300.00) div[name=shown_state]:contains('Initiated, Sending')",
        },
        { trigger: ".o_kanban_record:contains(300.00) div[name=shown_state]:contains('At the Bank')" },
    ],
});

// On a phone: of the account's buttons one is in sight.
registry.category("web_tour.tours").add("account_tbc_bank_initiate_stands_first", {
    steps: () => [
        { trigger: ".o_form_view .alert:contains('1 transfer, 100.00')" },
        { trigger: ".o_statusbar_buttons > button:first-child.btn-primary[name=action_initiate]" },
        { trigger: ".o_statusbar_buttons:not(:has(> button[name=action_sync]))" },
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
