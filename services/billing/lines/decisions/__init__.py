"""What people decide on lines: a row per line, field and edit. The newest that nobody reverted is in force."""
