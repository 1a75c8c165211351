from . import tbc_reconciliation_report
