"""People and programs come in: sign-in, roles, tokens, the public API, the live stream, the SPA.

The gateway has no worker: it rings the consumers of its events after the commit, and a lost ring is
repeated by the sweep of any worker, because a sweep rings for all services.
"""
