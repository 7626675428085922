"""Effects of other services' facts, a file each; this table is what the worker serves as consumer `sync`."""

from services.contracts.events.billing import LinesRated, MirrorTaken
from services.kit.bus import Handlers
from services.sync.handlers import on_billing_lines_rated, on_billing_mirror_taken

HANDLERS: Handlers = {
    LinesRated: on_billing_lines_rated.handle,
    MirrorTaken: on_billing_mirror_taken.handle,
}
