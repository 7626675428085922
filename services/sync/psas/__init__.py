"""Where additions go: the port that any PSA fits, and ConnectWise behind it."""
