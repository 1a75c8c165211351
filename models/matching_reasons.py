"""Tells people why a line is not matched, and what was matched and is doubtful now."""

from collections import defaultdict
from functools import partial

from odoo.tools.misc import split_every

from ..services.chatter import write_note
from .matching_doubt import Differences
from .matching_step import Case, Step
from .unmatched import unmatched_lines

AT_ONCE = 100


class Reasons(Step):
    """The last step: it settles nothing, and writes only what is new to people."""

    needs_no_lines = True

    def look_up(self):
        return unmatched_lines(self.companies)

    def cases(self, lines):
        by_sentence = defaultdict(list)
        for line in lines:
            reason = self.reasons.get(line.line_id, False)
            if reason != (line.problem or False):
                by_sentence[reason].append(line.line_id)
        return [
            Case(tuple(some), partial(self._tell, some, reason))
            for reason, line_ids in by_sentence.items()
            for some in split_every(AT_ONCE, line_ids, list)
        ] + self._doubtful()

    def _tell(self, line_ids, reason):
        self.lines.browse(line_ids).write(
            {"tbc_match_problem": reason, "tbc_match_refused_at": False}
        )
        return []

    # === WHAT WAS MATCHED BEFORE === #

    def _doubtful(self):
        """What was matched by its amount alone stays, and is told: a person decides."""
        doubtful = Differences(self.accounts).matched_by_amount()
        known = self.lines.search(
            [
                ("tbc_account_id", "in", self.accounts.ids),
                ("tbc_match_by_amount", "=", True),
                ("tbc_match_problem", "!=", False),
            ]
        )
        cases = [
            Case((line.id,), partial(self._doubt, line, difference))
            for line, difference in doubtful.items()
            if line not in known
        ]
        settled = known.filtered(lambda line: line not in doubtful)
        if settled:
            cases.append(
                Case(tuple(settled.ids), partial(self._tell, settled.ids, False))
            )
        return cases

    def _doubt(self, line, difference):
        sentence = self.env._(
            "Matched by its amount alone, and now the books and the bank differ"
            " (%(difference)s). Look whether it is there twice; Undo Matching takes it"
            " back.",
            difference=difference.display_name,
        )
        line.tbc_match_problem = sentence
        write_note(line.move_id, sentence)
        return []
