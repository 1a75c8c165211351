"""The whole proof of the books, in one worker."""

from work import Work

from books.proof import BooksProof


class BooksWork(Work):
    """Reads and matches a year of its own, in a company of its own."""

    def prove_books(self, seed, count):
        """Return [lines for people, violations]; see :class:`books.proof.BooksProof`."""
        told = []
        small = {"ibans": 2, "steps": 2}
        proof = BooksProof(self.registry, seed, count, say=told.append, **small)
        halves = proof.run()
        violations = []
        for half, verdict in halves.items():
            told += [f"{half.capitalize()}:", *verdict.summary()]
            violations += [f"{half}: {one}" for one in verdict.violations()]
        return [told, violations]
