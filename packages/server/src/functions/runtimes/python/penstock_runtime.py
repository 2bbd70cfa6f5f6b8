"""
Runs a Lambda handler written in Python: asks for an event, calls the handler, posts the result, again and again.

The Runtime API is spoken as plain HTTP, but over an inherited socket and not over TCP. That saves the connection and
a third of each round trip, and nobody but this process can ask for or answer its events. The answer to one event and
the question for the next go out in one write.

Works on Python 3.6 and newer. Imports are few and late, because every cold start pays for them.
"""

import json
import os
import sys
from time import time

from penstock_api import Api, follow_server
from penstock_imports import watch_imports
from penstock_output import Fault, current, describe, flush, log_error, open_output, user_trace


def main():
    follow_server()
    is_forked = sys.argv[1:2] == ["--forks"]
    if is_forked:
        from penstock_forks import become_function

        become_function(sys.argv[2], sys.argv[3:])
        follow_server()
    open_output()
    api = Api()
    if is_forked:
        wait_for_environment(api, [])
        os.chdir(os.environ["LAMBDA_TASK_ROOT"])
    elif sys.argv[1:2] == ["--ahead"]:
        wait_for_environment(api, sys.argv[2:])
    sys.path[0] = os.environ["LAMBDA_TASK_ROOT"]
    sys.argv = ["bootstrap.py"]
    watch_imports(current)
    try:
        handler = load_handler(os.environ["_HANDLER"])
    except Exception as error:
        report = describe(error)
        log_error(report)
        api.post("init/error", report["errorType"], to_json(report))
        flush()
        os._exit(1)
    serve(api, handler)


def wait_for_environment(api, modules):
    """The process was started before its server was ready: it imports what is sure to be imported, then waits."""
    for name in modules:
        try:
            __import__(name)
        except Exception:
            pass  # The function's own import will say it.
    environment = json.loads(api.read_line().decode("utf-8"))
    os.environ.clear()
    os.environ.update(environment)


def serve(api, handler):
    reply, body = api.next()
    while True:
        path, error_type, answer = handle(handler, reply, body)
        flush()
        reply, body = api.post_and_next("invocation/%s/%s" % (current["request_id"], path), error_type, answer)


def handle(handler, headers, body):
    current["request_id"] = headers[b"lambda-runtime-aws-request-id"].decode()
    trace_id = headers.get(b"lambda-runtime-trace-id")
    if trace_id:
        os.environ["_X_AMZN_TRACE_ID"] = trace_id.decode()
    try:
        result = handler(parse_event(body), Context(headers))
        return "response", None, marshal(result)
    except Exception as error:
        report = describe(error)
        log_error(report)
        return "error", report["errorType"], to_json(report)


def load_handler(name):
    if "." not in name:
        raise Fault(
            "Runtime.MalformedHandlerName",
            "Bad handler '%s': not enough values to unpack (expected 2, got 1)" % name,
        )
    module_name, function_name = name.rsplit(".", 1)
    module = import_module(module_name)
    try:
        return getattr(module, function_name)
    except AttributeError:
        raise Fault(
            "Runtime.HandlerNotFound",
            "Handler '%s' missing on module '%s'" % (function_name, module_name),
        )


def import_module(name):
    dotted = name.replace("/", ".").lstrip(".")
    if dotted.split(".")[0] in sys.builtin_module_names:
        raise Fault("Runtime.BuiltInModuleConflict", "Cannot use built-in module %s as a handler module" % name)
    try:
        __import__(dotted)
        return sys.modules[dotted]
    except ImportError as error:
        message = "Unable to import module '%s': %s%s" % (name, error, hint(error))
        raise Fault("Runtime.ImportModuleError", message, user_trace(error))
    except SyntaxError as error:
        trace = ['  File "%s" Line %s\n    %s' % (error.filename, error.lineno, (error.text or "").rstrip("\n"))]
        raise Fault("Runtime.UserCodeSyntaxError", "Syntax error in module '%s': %s" % (name, error), trace)


def hint(error):
    """Lambda brings the AWS SDK along, so its absence is a matter of this machine and deserves a remedy."""
    package = (getattr(error, "name", None) or "").split(".")[0]
    if package not in ("boto3", "botocore"):
        return ""
    return (
        ". Lambda's Python brings boto3 along; the Python that runs this function, %s (%s), has none."
        " Install it with '%s -m pip install boto3', put it into the function's folder,"
        " or name another Python in PENSTOCK_PYTHON" % (sys.executable, sys.version.split()[0], sys.executable)
    )


def parse_event(body):
    try:
        return json.loads(body.decode("utf-8"))
    except ValueError as error:
        raise Fault("Runtime.UnmarshalError", "Unable to unmarshal input: %s" % error)


def marshal(result):
    try:
        return to_json(result)
    except Exception as error:
        raise Fault("Runtime.MarshalError", "Unable to marshal response: %s" % error)


def to_json(value):
    text = json.dumps(value, ensure_ascii=False, allow_nan=False, default=plain)
    return text.encode("utf-8", "backslashreplace")  # Half a surrogate pair becomes its JSON escape.


def plain(value):
    """Decimals, which DynamoDB and JSON parsers hand out, become numbers; nothing else is guessed at."""
    if type(value).__module__ == "decimal" and type(value).__name__ == "Decimal":
        return int(value) if value == value.to_integral_value() else float(value)
    raise TypeError("Object of type %s is not JSON serializable" % type(value).__name__)


class Identity(object):
    def __init__(self):
        self.cognito_identity_id = None
        self.cognito_identity_pool_id = None

    def __repr__(self):
        return "CognitoIdentity([cognito_identity_id=%s,cognito_identity_pool_id=%s])" % (
            self.cognito_identity_id,
            self.cognito_identity_pool_id,
        )


class Fields(object):
    """JSON objects with attributes, as Lambda hands out what a client gave along."""

    def __init__(self, values):
        self.__dict__.update(values)


def client_context(text):
    """Lambda's names: `custom` stays a dictionary, `client` is an object."""
    if text is None:
        return None
    given = json.loads(text.decode("utf-8"))
    context = Fields({"custom": None, "env": None, "client": None})
    if isinstance(given, dict):
        context.custom = given.get("custom")
        context.env = given.get("env")
        names = ("installation_id", "app_title", "app_version_name", "app_version_code", "app_package_name")
        client = given.get("client")
        context.client = Fields({name: client.get(name) for name in names}) if isinstance(client, dict) else None
    return context


class Context(object):
    """What a handler gets as its second argument, with Lambda's names."""

    def __init__(self, headers):
        environ = os.environ
        self.aws_request_id = current["request_id"]
        self.log_group_name = environ.get("AWS_LAMBDA_LOG_GROUP_NAME")
        self.log_stream_name = environ.get("AWS_LAMBDA_LOG_STREAM_NAME")
        self.function_name = environ.get("AWS_LAMBDA_FUNCTION_NAME")
        self.memory_limit_in_mb = environ.get("AWS_LAMBDA_FUNCTION_MEMORY_SIZE")
        self.function_version = environ.get("AWS_LAMBDA_FUNCTION_VERSION")
        self.invoked_function_arn = headers[b"lambda-runtime-invoked-function-arn"].decode()
        self.tenant_id = None
        self.client_context = client_context(headers.get(b"lambda-runtime-client-context"))
        self.identity = Identity()
        self._epoch_deadline_time_in_ms = int(headers[b"lambda-runtime-deadline-ms"])

    def get_remaining_time_in_millis(self):
        return max(self._epoch_deadline_time_in_ms - int(time() * 1000), 0)

    def log(self, message):
        sys.stdout.write(str(message))

    def __repr__(self):
        names = (
            "aws_request_id,log_group_name,log_stream_name,function_name,memory_limit_in_mb,function_version,"
            "invoked_function_arn,client_context,identity,tenant_id"
        )
        return "LambdaContext([%s])" % ",".join("%s=%s" % (name, getattr(self, name)) for name in names.split(","))


