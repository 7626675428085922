"""What a PSA's agreement invoicing bills: the periods of an agreement, and what an addition bills in each. Pure.

It stands on this shared floor because billing rates lines by it, and sync forecasts every addition that it reads back.
"""
