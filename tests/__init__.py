from . import (
    test_access,
    test_credential,
    test_held,
    test_integration,
    test_journal,
    test_read,
    test_read_faults,
    test_rpc,
    test_scheduled,
    test_tour,
    test_translation,
)
