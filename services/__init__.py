"""Tieout's services: five rooms in the order that data moves, on two shared floors."""
