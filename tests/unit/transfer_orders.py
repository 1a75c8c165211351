"""One good transfer order of each type; ``tests/data/transfer_<name>.json`` is its JSON."""

from decimal import Decimal

from account_tbc_bank.tbc import TransferBatch, TransferOrder, TransferType

PAYER = {"debit_iban": "GE29TB7777777777777777", "debit_currency": "GEL"}
OWN = TransferOrder(
    transfer_type=TransferType.OWN,
    external_id="TBC-own-1",
    position=1,
    **PAYER,
    credit_iban="GE29TB9999999999999999",
    credit_currency="USD",
    amount=Decimal("3.45"),
    currency="GEL",
    description="Conversion",
)
WITHIN_BANK = TransferOrder(
    transfer_type=TransferType.WITHIN_BANK,
    external_id="11001",
    position=2,
    **PAYER,
    credit_iban="GE29TB9999999999999999",
    credit_currency="GEL",
    amount=Decimal("0.10"),
    currency="GEL",
    description="Invoice 254",
    additional_description="Test transfer",
    beneficiary_name="შპს ალტა",
    beneficiary_tax_code="204567891",
)
NATIONAL = TransferOrder(
    transfer_type=TransferType.NATIONAL,
    external_id="TBC_ge_3",
    position=3,
    **PAYER,
    credit_iban="GE90BG0000000589021505",
    credit_currency="GEL",
    amount=Decimal("100.00"),
    currency="GEL",
    description="ხელფასი",
    beneficiary_name="Other Bank Beneficiary",
    beneficiary_tax_code="01234567890",
    beneficiary_bank_code="BAGAGE22",
    beneficiary_bank_name="Bank of Georgia",
)
FOREIGN = TransferOrder(
    transfer_type=TransferType.FOREIGN,
    external_id="4f1d2c3b4a59687786950a1b2c3d4e5f",
    position=4,
    debit_iban=PAYER["debit_iban"],
    debit_currency="EUR",
    credit_iban="CZ6508000000192000145399",
    credit_currency="EUR",
    amount=Decimal("9999999999999.99"),
    currency="EUR",
    description="Services",
    beneficiary_name="Beneficiary Name",
    beneficiary_address="Beneficiary Address",
    beneficiary_bank_code="GIBACZPX",
    beneficiary_bank_name="Some Bank",
    intermediary_bank_code="COBADEFF",
    intermediary_bank_name="Other Bank",
    charge_details="SHA",
)
TREASURY = TransferOrder(
    transfer_type=TransferType.TREASURY,
    external_id="11003",
    position=5,
    **PAYER,
    amount=Decimal("1.00"),
    currency="GEL",
    description="Treasury payment",
    taxpayer_code="123456789",
    taxpayer_name="Some Taxpayer",
    treasury_code="101001000",
)
ORDERS = {
    "own": OWN,
    "within_bank": WITHIN_BANK,
    "national": NATIONAL,
    "foreign": FOREIGN,
    "treasury": TREASURY,
}
BATCH = TransferBatch(
    external_id="BATCH-2026-0001", name="June salaries", orders=(OWN, NATIONAL)
)
