"""Currencies of agreements, and the decimals of ISO 4217 for those that a world brings along."""

from services.sandbox.connectwise.records import Records
from services.sandbox.seed.references import Record

_USUAL = 2
_DECIMALS = {
    **dict.fromkeys("BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF".split(), 0),
    **dict.fromkeys("BHD IQD JOD KWD LYD OMR TND".split(), 3),
    **dict.fromkeys("CLF UYW".split(), 4),
}


def decimals_of(agreement: Record, records: Records) -> int:
    """Decimals in which the agreement bills."""
    currency = records.find("currencies", (agreement.get("currency") or {}).get("id", 0)) or {}
    decimals = currency.get("numberOfDecimals")
    return _USUAL if decimals is None else int(decimals)


def make_currency(key: int, code: str, decimals: int | None = None) -> Record:
    return {
        "id": key,
        "currencyIdentifier": code,
        "name": code,
        "symbol": code,
        "currencyCode": code,
        "displayIdFlag": True,
        "displaySymbolFlag": False,
        "thousandsSeparator": ",",
        "decimalSeparator": ".",
        "numberOfDecimals": _DECIMALS.get(code, _USUAL) if decimals is None else decimals,
        "negativeParenthesesFlag": False,
        "rightAlign": False,
    }
