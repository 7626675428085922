"""AppXite, read only: organizations, offers, contracts, subscriptions and invoices, through one of two profiles."""
