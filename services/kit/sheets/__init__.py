"""Sheets of cells as files for spreadsheets: CSV and Excel workbooks, exact, safe, and written as they come."""
