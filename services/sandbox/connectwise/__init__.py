"""Stand-in for the ConnectWise PSA REST API, as far as billing integrations use it."""
