"""Tells people why a line is not matched, and what was matched and is doubtful now."""

from collections import defaultdict
from functools import partial

from odoo.tools.misc import split_every

from ..chatter import write_note
from .doubt import Differences
from .matcher import Match, Matcher

AT_ONCE = 100


class ReasonWriter(Matcher):
    """The last one: it matches nothing, and writes only what is new to people."""

    needs_no_lines = True

    def find(self):
        by_sentence = defaultdict(list)
        for line in self.matching_pass.unmatched:
            reason = self.reasons.get(line.line_id, False)
            if reason != (line.problem or False):
                by_sentence[reason].append(line.line_id)
        return [
            Match(tuple(some), partial(self._tell, reason), is_note=True)
            for reason, line_ids in by_sentence.items()
            for some in split_every(AT_ONCE, line_ids, list)
        ] + self._doubtful()

    def _tell(self, reason, lines):
        # Somebody may have matched one of them meanwhile.
        lines = lines.filtered(lambda line: not line.is_reconciled)
        lines.write({"tbc_match_problem": reason, "tbc_match_refused_at": False})
        return []

    # === WHAT WAS MATCHED BEFORE === #

    def _doubtful(self):
        """What was matched by its amount alone stays, and is told: a person decides."""
        doubtful = Differences(self.accounts).matched_by_amount()
        known = self._doubted_before()
        matches = [
            Match((line.id,), partial(self._doubt, difference), is_note=True)
            for line, difference in doubtful.items()
            if line not in known
        ]
        if certain := known.filtered(lambda line: line not in doubtful):
            matches.append(Match(tuple(certain.ids), self._relieve, is_note=True))
        return matches

    def _doubted_before(self):
        return self.records.search(
            [
                ("tbc_account_id", "in", self.accounts.ids),
                ("tbc_match_by_amount", "=", True),
                ("tbc_match_problem", "!=", False),
            ]
        )

    def _relieve(self, lines):
        lines.write({"tbc_match_problem": False, "tbc_match_refused_at": False})
        return []

    def _doubt(self, difference, line):
        sentence = self.env._(
            "Matched by its amount alone, and now the books and the bank differ"
            " (%(difference)s). Look whether it is there twice; Undo takes it back.",
            difference=difference.display_name,
        )
        line.tbc_match_problem = sentence
        write_note(line.move_id, sentence)
        return []
