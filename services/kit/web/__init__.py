"""How a service answers HTTP: app, errors as problem+json, paging, idempotency, identity."""
