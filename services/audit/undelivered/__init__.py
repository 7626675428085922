"""Facts that a service failed to take in, again and again, until they were laid to rest for people to look at."""
