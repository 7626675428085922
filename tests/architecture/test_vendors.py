"""Billing knows what a PSA and a marketplace are like, never which they are."""

from tests.architecture.source import ROOT, sources

PORTS = ("psas", "marketplaces")


def vendors() -> set[str]:
    """Every vendor that sync has a folder for: a new one is guarded from its first day."""
    folders = (folder for port in PORTS for folder in (ROOT / "services" / "sync" / port).iterdir())
    return {folder.name for folder in folders if (folder / "__init__.py").exists()}


class TestVendors:
    def test_billing_names_none(self) -> None:
        """Billing once named one PSA 67 times in 29 files, as limits, cycles, sentences and error codes.

        To connect a second PSA, each had to be found and judged: is this true of every PSA, or of that one?
        What is true of one alone is a trait (`PsaTraits`), which sync publishes; people read its `label`.
        """
        assert {"appxite", "connectwise"} <= vendors()
        named = [
            f"{source.name}:{number} {line.strip()}"
            for source in sources("services/billing")
            for number, line in enumerate(source.text.splitlines(), start=1)
            if any(vendor in line.casefold() for vendor in vendors())
        ]
        assert not named, "say 'the PSA' or 'the marketplace', or make it a trait"
