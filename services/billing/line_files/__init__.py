"""Invoice lines as files for spreadsheets, out and in again."""
