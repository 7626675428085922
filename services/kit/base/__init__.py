"""What everything stands on: settings, database, clock, ids, log, secrets, errors."""
