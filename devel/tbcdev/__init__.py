"""The developer's environment of account_tbc_bank: setup, tests and demonstration.

Standard library only: this package is what brings every other package in.
"""
