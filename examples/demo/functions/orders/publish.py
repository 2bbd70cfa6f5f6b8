"""Looks at all that the pipeline made before it goes out: the last Invoke action of the demo.

Input artifacts Summary and Report: what the actions before wrote. Output artifact Release: a zip with release.json.
UserParameters, with the variables of the actions before:
{"orders": "#{SummaryVariables.Orders}", "total": "#{SummaryVariables.Total}", "bars": "#{ReportVariables.Bars}"}.
Output variables: ReportSha256.
"""

import hashlib
import json

from artifacts import Artifacts
from job import Refused, answer, logger
from totals import money

PARAMETERS = ("orders", "total", "bars")


def lambda_handler(event, context):
    answer(event, publish)


def publish(data):
    """The job's work; answers what to report of it."""
    said = parameters(data["actionConfiguration"]["configuration"].get("UserParameters", ""))
    artifacts = Artifacts(data)
    report = artifacts.read("Report", "index.html")
    found = facts_of(json.loads(artifacts.read("Summary", "summary.json")), report)
    disagreements = [f"{name} is {found[name]} but the variable says {said[name]}" for name in PARAMETERS if found[name] != said[name]]
    if disagreements:
        # Artifacts and variables of one execution belong together; these come from different revisions.
        raise Refused("RevisionOutOfSync", "; ".join(disagreements))

    sha256 = hashlib.sha256(report.encode()).hexdigest()
    artifacts.write("Release", "release.json", json.dumps({**found, "reportSha256": sha256}, indent=2))
    logger.info("released: %s orders, %s in all, %s bars, sha256 %s", *found.values(), sha256)
    return {"outputVariables": {"ReportSha256": sha256}}


def parameters(user_parameters):
    try:
        said = json.loads(user_parameters)
        return {name: said[name] for name in PARAMETERS}
    except (ValueError, KeyError, TypeError):
        raise Refused("ConfigurationError", f"UserParameters must be JSON with {', '.join(PARAMETERS)}, not {user_parameters!r}") from None


def facts_of(summary, report):
    """What the artifacts themselves say, in the order and the form of the parameters."""
    total = money(summary["totalCents"])
    if total not in report:
        raise Refused("RevisionOutOfSync", f"the report does not show the total {total}")
    return {"orders": str(summary["orders"]), "total": total, "bars": str(report.count('class="bar"'))}
