"""Files of lines as people ask for them."""

from dataclasses import dataclass

from services.kit.sheets.formats import FileFormat


@dataclass(frozen=True, slots=True)
class FileWish:
    """How the file is to be. A sheet for each currency is about workbooks, a byte order mark about CSV."""

    format: FileFormat
    has_sheet_for_each_currency: bool
    has_byte_order_mark: bool
