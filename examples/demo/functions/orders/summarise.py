"""Sums up a file of orders, some rows a job: an Invoke action of AWS CodePipeline.

Input artifact Source: a zip with orders.csv. Output artifact Summary: a zip with summary.json.
UserParameters: {"rowsPerJob": 20}. Output variables: Orders, Total, BestCountry.

A job that does not come to the end answers with a continuation token; CodePipeline then calls again with a new job
that carries it. The token is all that the next job knows: how far the last one came, and the totals so far.
"""

import json

from artifacts import Artifacts
from job import Refused, answer, logger
from totals import add_orders, money, read_orders, summary_of

TOKEN_CHARACTERS_MAX = 2048  # CodePipeline's limit


def lambda_handler(event, context):
    answer(event, summarise)


def summarise(data):
    """One job's work; answers what to report of it."""
    rows = rows_per_job(data["actionConfiguration"]["configuration"].get("UserParameters", ""))
    artifacts = Artifacts(data)
    orders = read_orders(artifacts.read("Source", "orders.csv"))
    state = json.loads(data.get("continuationToken", '{"nextRow": 0, "centsByCountry": {}}'))

    first = state["nextRow"]
    end = min(first + rows, len(orders))
    totals = add_orders(state["centsByCountry"], orders[first:end])
    logger.info("added orders %d to %d of %d", first + 1, end, len(orders))
    if end < len(orders):
        return {"continuationToken": token_of({"nextRow": end, "centsByCountry": totals})}

    summary = summary_of(len(orders), totals)
    artifacts.write("Summary", "summary.json", json.dumps(summary, indent=2))
    return {
        "outputVariables": {
            "Orders": str(summary["orders"]),
            "Total": money(summary["totalCents"]),
            "BestCountry": summary["bestCountry"],
        }
    }


def rows_per_job(user_parameters):
    try:
        rows = json.loads(user_parameters)["rowsPerJob"]
    except (ValueError, KeyError, TypeError):
        rows = None
    if type(rows) is not int or rows < 1:
        raise Refused("ConfigurationError", f'UserParameters must be like {{"rowsPerJob": 20}}, not {user_parameters!r}')
    return rows


def token_of(state):
    token = json.dumps(state, separators=(",", ":"))
    if len(token) > TOKEN_CHARACTERS_MAX:
        countries = len(state["centsByCountry"])
        raise Refused("JobFailed", f"the totals of {countries} countries do not fit into a continuation token")
    return token
