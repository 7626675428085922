"""Files of lines as people ask for them."""

from dataclasses import dataclass
from enum import StrEnum


class FileFormat(StrEnum):
    """How a file is written."""

    XLSX = "xlsx"
    CSV = "csv"

    @property
    def media_type(self) -> str:
        if self is FileFormat.CSV:
            return "text/csv; charset=utf-8"
        return "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@dataclass(frozen=True, slots=True)
class FileWish:
    """How the file is to be. A sheet for each currency is about workbooks, a byte order mark about CSV."""

    format: FileFormat
    has_sheet_for_each_currency: bool
    has_byte_order_mark: bool
