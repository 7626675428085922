"""Where the upstreams are and how to get in."""
