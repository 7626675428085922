"""How Tieout is started: on one's own machine, in containers, on a cluster."""
