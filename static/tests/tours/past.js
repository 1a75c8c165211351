import { registry } from "@web/core/registry";

// What an accountant does: sees a gap in the chart of days, and has it read.
registry.category("web_tour.tours").add("account_tbc_bank_gap", {
    steps: () => [
        { trigger: ".o_tbc_calendar button.o_tbc_day[data-day='2026-06-15'][data-state=c]" },
        { trigger: ".o_tbc_calendar button.o_tbc_day[data-day='2026-06-14'][data-state=e]" },
        { trigger: ".o_tbc_calendar button.o_tbc_day[data-day='2026-06-30'][data-state=o]" },
        {
            content: "Any day of the gap stands for all of it",
            trigger: ".o_tbc_calendar button.o_tbc_day[data-day='2026-05-15'][data-state=n]",
            run: "click",
        },
        { trigger: ".o_tbc_opened:not(:has([data-kind])) .o_tbc_import", run: "click" },
        { trigger: ".modal div[name=day_to]:contains('05/31/2026')" },
        { trigger: ".modal div[name=day_from]:contains('06/01/2025')" },
        { trigger: ".modal div[name=account_ids] .o_tag" },
        { trigger: ".modal button[name=action_start]", run: "click" },
        { trigger: ".o_notification:contains('in the background')" },
        { trigger: "body:not(:has(.modal))" },
        { trigger: ".o_tbc_backfill:contains('0 of 365 days')" },
        { trigger: ".o_tbc_backfill button:contains(Pause)", run: "click" },
        { trigger: ".o_tbc_backfill:contains('press Go On')" },
        { trigger: ".o_tbc_backfill button:contains('Go On')", run: "click" },
        { trigger: ".o_tbc_backfill:contains('Begins in a moment.')" },
    ],
});

// The browser's own focus: a tour's key goes to whatever has it.
async function pressKey(helpers, key) {
    helpers.anchor.focus();
    await helpers.press(key);
}

// The gap is gone; a day is read again from the keyboard.
registry.category("web_tour.tours").add("account_tbc_bank_no_gap", {
    steps: () => [
        { trigger: ".o_tbc_calendar button.o_tbc_day[data-day='2026-05-31'][data-state=c]" },
        { trigger: ".o_tbc_calendar:not(:has(button[data-state=n]))" },
        { trigger: ".o_form_view:not(:has(.o_tbc_backfill))" },
        {
            trigger: ".o_tbc_calendar button.o_tbc_day[tabindex='0']",
            run: (helpers) => pressKey(helpers, "ArrowLeft"),
        },
        {
            trigger: ".o_tbc_calendar button.o_tbc_day[tabindex='0'][data-day='2026-06-29']",
            run: (helpers) => pressKey(helpers, "ArrowDown"),
        },
        {
            trigger: ".o_tbc_calendar button.o_tbc_day[tabindex='0'][data-day='2026-05-29']",
            run: "click",
        },
        { trigger: ".o_tbc_opened .o_tbc_import", run: "click" },
        { trigger: ".modal div[name=day_from]:contains('05/29/2026')" },
        { trigger: ".modal div[name=day_to]:contains('05/29/2026')" },
        { trigger: ".modal button[special=cancel]", run: "click" },
        { trigger: "body:not(:has(.modal))" },
        {
            content: "A day opens what it holds",
            trigger: ".o_tbc_calendar button.o_tbc_day[data-day='2026-06-15']",
            run: "click",
        },
        { trigger: ".o_tbc_opened button[data-kind=booked]", run: "click" },
        { trigger: ".o_list_view .o_data_row:only-of-type" },
    ],
});
