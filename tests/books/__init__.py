"""The proof that the books tie out: a year at the fake bank, read and matched by Odoo,
and then every figure and every match beside the truth.

``make prove-books`` runs it with 20,000 movements (``devel/prove_books.py``), the
process ring with a few hundred. It is told by a :class:`.proof.BooksProof`.
"""
