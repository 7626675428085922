"""Exact money: Decimal inside, decimal strings outside, ISO 4217 minor units between.

A float never becomes an amount: `Amount` refuses it, because by then the cent is already lost.
"""

from decimal import ROUND_HALF_UP, Decimal
from typing import Annotated

from pydantic import BeforeValidator, Field, PlainSerializer, WithJsonSchema

# ISO 4217 minor units that are not 2, after "List one" of its maintenance agency (SIX). What it gives no unit for,
# metals and test codes among them, is left out: nobody is invoiced in it.
_MINOR_UNITS = {
    **dict.fromkeys(
        [
            "BIF",
            "CLP",
            "DJF",
            "GNF",
            "ISK",
            "JPY",
            "KMF",
            "KRW",
            "PYG",
            "RWF",
            "UGX",
            "UYI",
            "VND",
            "VUV",
            "XAF",
            "XOF",
            "XPF",
        ],
        0,
    ),
    **dict.fromkeys("BHD IQD JOD KWD LYD OMR TND".split(), 3),
    **dict.fromkeys("CLF UYW".split(), 4),
}


MAX_DIGITS = 28
"""Of an amount; Python's decimals carry as many by default."""


def minor_units(currency: str) -> int:
    """How many decimals amounts of an ISO 4217 currency have; 2 where the table is silent."""
    return _MINOR_UNITS.get(currency.upper(), 2)


def round_money(value: Decimal, currency: str) -> Decimal:
    """`value` in whole minor units of `currency`, half away from zero as invoices round; zero has no sign."""
    rounded = value.quantize(Decimal(1).scaleb(-minor_units(currency)), rounding=ROUND_HALF_UP)
    return rounded or abs(rounded)


def show_money(value: Decimal, currency: str) -> Decimal:
    """`value` with at least the decimals its currency has: 0 becomes 0.00, a stray tenth of a cent stays."""
    padded = round_money(value, currency)
    return padded if padded == value else value


def as_text(value: Decimal) -> str:
    """A decimal string without exponent; it reads back as the same Decimal."""
    return format(value, "f")


def _refuse_float(value: object) -> object:
    if isinstance(value, float):
        message = "send amounts as decimal strings, not as JSON numbers with a fraction"
        raise ValueError(message)  # noqa: TRY004 - pydantic reports ValueError as a field error
    return value


Amount = Annotated[
    Decimal,
    # First, so that pydantic's core checks them: after a Python validator they cost 2 ms per 1000 amounts.
    Field(allow_inf_nan=False, max_digits=MAX_DIGITS),
    BeforeValidator(_refuse_float),
    PlainSerializer(as_text, return_type=str, when_used="json"),
    WithJsonSchema({"type": "string", "format": "decimal", "examples": ["12.34"]}),
]
"""A Decimal that travels as a decimal string."""

AmountsByCurrency = dict[str, Amount]
"""ISO 4217 code → total."""
