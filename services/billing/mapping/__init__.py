"""What AppXite's organizations and offers are in ConnectWise: suggested by the machine, decided by people."""
