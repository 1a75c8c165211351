import { Component } from "@odoo/owl";

import { _t } from "@web/core/l10n/translation";

/** The keys of the screen, shown by "?". */
export class MatchingKeys extends Component {
    static template = "account_tbc_bank.MatchingKeys";
    static props = { close: Function };

    get keys() {
        return [
            [["↓", "J"], _t("next")],
            [["↑", "K"], _t("previous")],
            [["Enter"], _t("accept the proposal")],
            [["O"], _t("open or close")],
            [["S"], _t("search open items")],
            [["A"], _t("to an account")],
            [["P"], _t("partner")],
            [["U"], _t("undo")],
            [["Space"], _t("select")],
            [["Shift + Space"], _t("select up to here")],
            [["Esc"], _t("close")],
        ];
    }
}
