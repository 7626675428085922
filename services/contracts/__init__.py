"""What services say to each other: words, never behaviour. pydantic and the standard library only."""
