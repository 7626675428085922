"""ConnectWise PSA: one async client, its words as types, its errors as facts."""
