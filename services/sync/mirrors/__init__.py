"""What both upstreams hold that mapping needs, refreshed and told to billing."""
