"""What people billed by hand before go-live: compared with charges, decided, remembered, and never billed again."""
