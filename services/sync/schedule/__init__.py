"""What is done on the clock, exactly once for each partner and night."""
