"""People and programs come in: sign-in, roles, tokens, the public API, the live stream, the SPA.

The gateway has no worker: its facts are rung after their commit, and a lost bell is rung again by the
sweep of any worker, because a sweep rings for all.
"""
