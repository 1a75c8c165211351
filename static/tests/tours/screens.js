import { registry } from "@web/core/registry";

// Every list of ours, as its action opens it: on a desk a list, on a phone cards.
const ACTIONS = [
    "account_bank_statement_line_action_to_match",
    "account_bank_statement_line_action",
    "tbc_transfer_action",
    "tbc_transfer_batch_action",
    "tbc_held_movement_action",
    "tbc_difference_action",
    "tbc_month_action",
    "tbc_operation_rule_action",
    "tbc_sync_run_action",
    "tbc_backfill_action",
    "tbc_integration_action",
    "tbc_account_action",
    "tbc_check_action",
    "tbc_unknown_word_action",
];
const ROWS = ".o_data_row, .o_kanban_record:not(.o_kanban_ghost), .o_tbc_row";

/** Open an action; what a list opens grouped is shown with its first group open. */
async function open(name) {
    const { action } = odoo.__WOWL_DEBUG__.root.env.services;
    await action.doAction(`account_tbc_bank.${name}`, { clearBreadcrumbs: true });
    document.querySelector(".o_group_header:not(.o_group_open)")?.click();
}

const ENGLISH_MONTH = /\b(Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)\b/;

const isWide = (element) => element.scrollWidth > element.clientWidth + 1;
/** The elements that show less than they hold. */
const cut = (elements) =>
    [...elements]
        .filter((element) => [element, ...element.querySelectorAll("*")].some(isWide))
        .map((element) => element.textContent.trim());

const found = [];

/** What cannot be read whole, or makes the page scroll sideways. */
function faults() {
    const firsts = [...document.querySelectorAll(".o_data_row")].map((row) =>
        row.querySelector("td.o_data_cell:not(.o_handle_cell)")
    );
    const pages = [document.scrollingElement, ...document.querySelectorAll(".o_content")];
    const isGeorgian = document.documentElement.lang.startsWith("ka");
    const [month] = (isGeorgian && document.querySelector(".o_content").innerText.match(ENGLISH_MONTH)) || [];
    return [
        ...(month ? [`in English ${month}`] : []),
        ...cut(document.querySelectorAll(".o_list_table th .text-truncate")).map((text) => `heading ${text}`),
        ...cut(firsts).map((text) => `first column ${text}`),
        ...pages.filter(isWide).map((page) => `sideways ${page.className || page.tagName}`),
    ];
}

registry.category("web_tour.tours").add("account_tbc_bank_screens", {
    steps: () =>
        ACTIONS.flatMap((name) => [
            { content: `Open ${name}`, trigger: "body", run: () => open(name) },
            {
                content: `Look at ${name}`,
                trigger: `.o_action_manager :is(${ROWS})`,
                run: () => found.push(...faults().map((fault) => `${name}: ${fault}`)),
            },
        ]).concat({
            content: "Nothing was cut",
            trigger: "body",
            run() {
                if (found.length) {
                    throw new Error([...new Set(found)].join("; "));
                }
            },
        }),
});
