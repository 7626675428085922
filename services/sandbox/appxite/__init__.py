"""Stand-in for AppXite's Reporting API: the current profile and the legacy one."""
