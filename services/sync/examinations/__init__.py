"""Looking for additions of ours that stand twice, every night and whenever somebody asks."""
