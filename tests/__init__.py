from . import (
    test_held,
    test_read,
    test_read_faults,
)
