"""How much JavaScript the first page costs."""

import gzip
import re

from deploy.local.installation import ROOT
from tests.bench.report import Figure

DIST = ROOT / "frontend" / "dist"
KILOBYTE = 1_000


def measure() -> list[Figure]:
    """Everything that index.html names, gzipped; routes that are loaded later do not count."""
    page = (DIST / "index.html").read_text()
    named = set(re.findall(r'(?:src|href)="/?(assets/[^"]+\.js)"', page))
    size = sum(len(gzip.compress((DIST / name).read_bytes(), 6)) for name in named)
    return [Figure("first load, JavaScript gzipped", size / KILOBYTE, "kB", at_most=350, beside=f"{len(named)} files")]
