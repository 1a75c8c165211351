/** Whether letters are written there; on a row they are commands. */
export function takesLetters(target) {
    return (
        target.isContentEditable ||
        Boolean(target.matches?.("input:not([type=checkbox]), textarea, select"))
    );
}

/**
 * Whether nobody types, nor is about to. Odoo puts the cursor into the search by itself:
 * somebody clicked there if it has its menu open.
 */
export function isFocusFree() {
    const { activeElement } = document;
    if (activeElement.matches(".o_searchview_input")) {
        return !activeElement.value && !document.querySelector(".o_search_bar_menu");
    }
    return !takesLetters(activeElement);
}
