# The work is done by devel/run.py; `make help` lists what it can do.

PYTHON ?= python3
export ODOO TBC_CACHE RING TAGS SERVE BANK KEEP FRESH N SEED WITH LINES MATCH_LINES GROW SMALL

.DEFAULT_GOAL := help
TARGETS := help demo pictures test bench prove-transfers prove-books test-oca setup \
	test-quick test-fast dev-db shell format stop clean
.PHONY: $(TARGETS)

$(TARGETS):
	@$(PYTHON) devel/run.py $@
