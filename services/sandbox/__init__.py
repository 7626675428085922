"""Stand-ins for AppXite and ConnectWise PSA, each its own process, for the local run, demos and tests.

Nothing in production imports this room, and it imports nothing from other rooms. Both upstreams are known
from public sources only: what a stand-in had to decide for itself is called an assumption where it is decided.
"""
