"""What tests stand on: real servers, real processes, a clock that can be held."""
