"""What both upstreams hold that mapping needs, refreshed and published to billing."""
