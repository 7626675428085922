"""What must happen, remembered in PostgreSQL and rung by Redis: events, deliveries, leases, workers."""
