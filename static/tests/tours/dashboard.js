import { registry } from "@web/core/registry";

const CARD = ".o_kanban_record:contains(TBC GEL) .o_tbc_card";
// The width of a card on the desk and on the phone; what is narrower folds more.
const WIDTHS = ["", "440px", "358px", "300px", "240px"];
const TASKS = ["to_match", "to_prepare", "to_initiate", "sign", "on_hold"];

const card = () =>
    [...document.querySelectorAll(".o_kanban_record")]
        .find((record) => record.textContent.includes("TBC GEL"))
        .querySelector(".o_tbc_card");
const isShown = (element) => element.getBoundingClientRect().width > 0;

/** What of a card is out of its two lines, or cannot be reached. */
function faults(element, width) {
    const { bottom, right } = element.getBoundingClientRect();
    const parts = [...element.children].filter(isShown);
    const lines = new Set(parts.map((part) => part.offsetTop));
    const out = parts.filter((part) => {
        const box = part.getBoundingClientRect();
        return box.bottom > bottom + 3 || box.right > right + 1;
    });
    const names = TASKS.filter((name) => element.querySelector(`a[name=action_tbc_${name}].o_tbc_task`));
    const more = element.querySelector(".o_tbc_more_tasks");
    const hidden = [...element.querySelectorAll(".o_tbc_task")].filter((task) => !isShown(task));
    const told = isShown(more) ? parseInt(more.textContent.match(/\d+/)[0], 10) : 0;
    return [
        ...(lines.size > 2 ? [`${lines.size} lines`] : []),
        ...out.map((part) => `outside: ${part.textContent}`),
        ...(names.length < TASKS.length ? [`only ${names}`] : []),
        ...(hidden.length === told ? [] : [`${hidden.length} hidden, ${told} told`]),
    ].map((fault) => `${width || "as it is"}: ${fault}`);
}

const found = [];
const setWidth = (width) => ({
    content: `The card is ${width || "as it is"}`,
    trigger: CARD,
    async run() {
        card().style.width = width;
        // The card sees its new width in the next frames.
        for (let frame = 0; frame < 4; frame++) {
            await new Promise(requestAnimationFrame);
        }
        found.push(...faults(card(), width));
    },
});

registry.category("web_tour.tours").add("account_tbc_bank_two_lines", {
    steps: () => [
        ...WIDTHS.map(setWidth),
        {
            content: "Every card is of one height, and nothing is out of its two lines",
            trigger: CARD,
            run() {
                const cards = [...document.querySelectorAll(".o_tbc_card")];
                const heights = new Set(cards.map((one) => one.offsetHeight));
                if (cards.length < 2 || heights.size !== 1) {
                    found.push(`${cards.length} cards as high as ${[...heights]}`);
                }
                if (document.scrollingElement.scrollWidth > window.innerWidth) {
                    found.push("the page scrolls sideways");
                }
                if (found.length) {
                    throw new Error(found.join("; "));
                }
            },
        },
        {
            content: "The keyboard opens what did not fit",
            trigger: `${CARD} .o_tbc_more_tasks:not(.d-none)`,
            async run(helpers) {
                this.anchor.focus();
                await helpers.press("Enter");
            },
        },
        {
            trigger: ".o-dropdown--menu .o-dropdown-item[name=action_tbc_on_hold]",
            async run(helpers) {
                this.anchor.focus();
                await helpers.press("Enter");
            },
        },
        {
            trigger: ".o_action_manager:not(:has(.o_tbc_card)) :is(.o_data_row, .o_kanban_record)",
            run() {
                const { currentController } = odoo.__WOWL_DEBUG__.root.env.services.action;
                if (currentController.action.res_model !== "tbc.held.movement") {
                    throw new Error(`It opened ${currentController.action.res_model}`);
                }
            },
        },
    ],
});
