"""A receipt: the proof that every cent of a period is on ConnectWise or listed with its reason."""
