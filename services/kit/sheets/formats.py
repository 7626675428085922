"""The kinds of files that sheets are written as, and read from."""

from enum import StrEnum
from typing import Any


class FileFormat(StrEnum):
    """How a file is written."""

    XLSX = "xlsx"
    CSV = "csv"

    @property
    def media_type(self) -> str:
        if self is FileFormat.CSV:
            return "text/csv; charset=utf-8"
        return "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


BINARY_BODIES: dict[str, Any] = {
    each.media_type.partition(";")[0]: {"schema": {"type": "string", "format": "binary"}} for each in FileFormat
}
"""What an OpenAPI document says of a body that is such a file, by its media type."""
