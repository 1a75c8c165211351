"""Names the partner who was not known yet when the line came in."""

from functools import partial

from ..partners import may_stand_on_line
from .matcher import Match, Matcher


class PartnerFiller(Matcher):
    """Matches nothing: it writes who the other side is on the line."""

    def find(self):
        return [
            Match((line.line_id,), partial(self._fill, partner))
            for line in self.lines
            if line.partner_id
            and not line.has_partner
            and may_stand_on_line(
                partner := self.env["res.partner"].browse(line.partner_id),
                self.companies.browse(line.company_id),
            )
        ]

    def _fill(self, partner, line):
        line.partner_id = partner
        return []
