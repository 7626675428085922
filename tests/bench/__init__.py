"""The figures of the product, each measured beside its limit in one run: `make bench`."""
