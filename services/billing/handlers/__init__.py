"""Facts that other services tell billing, one file each."""
