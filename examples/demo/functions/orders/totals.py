"""The arithmetic, without AWS: rows in, totals out."""

import csv
import io
from decimal import Decimal, InvalidOperation

from job import Refused

COLUMNS = ("order", "country", "quantity", "unit_price")


def read_orders(text):
    reader = csv.DictReader(io.StringIO(text))
    columns = reader.fieldnames or []
    missing = [column for column in COLUMNS if column not in columns]
    if missing:
        there = ", ".join(columns) or "none"
        raise Refused("ConfigurationError", f"orders.csv has no column {', '.join(missing)}; its columns are: {there}")
    return list(reader)


def add_orders(cents_by_country, orders):
    """Totals with these orders added, in cents by country. What it is given stays as it is."""
    totals = dict(cents_by_country)
    for order in orders:
        totals[order["country"]] = totals.get(order["country"], 0) + price_cents(order)
    return totals


def price_cents(order):
    quantity, unit_price = order["quantity"], order["unit_price"]
    try:
        return int(Decimal(quantity) * Decimal(unit_price) * 100)
    except (InvalidOperation, OverflowError, TypeError, ValueError):
        message = f"order {order['order']}: {quantity!r} times {unit_price!r} is no price; both must be numbers"
        raise Refused("JobFailed", message) from None


def summary_of(order_count, cents_by_country):
    return {
        "orders": order_count,
        "totalCents": sum(cents_by_country.values()),
        "centsByCountry": dict(sorted(cents_by_country.items())),
        "bestCountry": max(cents_by_country, key=cents_by_country.get, default="nowhere"),
    }


def money(cents):
    return f"{Decimal(cents) / 100:.2f}"
