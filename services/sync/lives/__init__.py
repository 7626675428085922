"""The life of a line's addition: its segments and true-ups, and what each billing period billed or will bill."""
