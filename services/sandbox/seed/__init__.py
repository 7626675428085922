"""The demo partner as pure functions of a seed, a size and a reference month: both upstreams tell the same story."""
