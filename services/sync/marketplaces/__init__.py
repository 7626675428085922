"""Where charges come from: the port that any marketplace fits, and AppXite behind it."""
