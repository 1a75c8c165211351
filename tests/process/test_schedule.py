"""The scheduled action under Odoo's own machinery, which gives each job little time."""

from staff import ProcessCase


class TestSchedule(ProcessCase):
    def test_a_long_read_goes_on_at_once(self):
        """Three pages, and the time is always over: not a page an hour."""
        expected = self.add(12)
        for _job in range(5):
            if not self.call(self.clerk, "run_schedule", number=0, seconds=0):
                break
        self.assertWhole(expected)
