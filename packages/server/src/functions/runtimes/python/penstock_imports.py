"""What is done to modules of others, when and if a function imports them: it costs nothing before."""

import os
import sys


def watch_imports(current):
    todo = {"logging": lambda logging: set_up_logging(logging, current)}
    if os.environ.get("AWS_ENDPOINT_URL"):
        todo["botocore.session"] = redirect_old_botocore
    for name in list(todo):
        if name in sys.modules:
            todo.pop(name)(sys.modules[name])
    sys.meta_path.insert(0, ImportWatch(todo))


class ImportWatch(object):
    """Calls a function on a module just after it was imported. Takes itself away when nothing is left to do."""

    def __init__(self, todo):
        self.todo = todo

    def find_spec(self, name, path=None, target=None):
        if name not in self.todo:
            return None
        act = self.todo.pop(name)
        if not self.todo:
            sys.meta_path.remove(self)
        for finder in list(sys.meta_path):
            find = getattr(finder, "find_spec", None)
            spec = find(name, path, target) if find and finder is not self else None
            if spec is not None:
                return act_after(spec, act)
        return None


def act_after(spec, act):
    run = getattr(spec.loader, "exec_module", None)
    if run is not None:

        def exec_module(module):
            run(module)
            act(module)

        try:
            spec.loader.exec_module = exec_module
        except AttributeError:
            pass  # A loader that cannot be changed keeps its module as it is.
    return spec


def set_up_logging(logging, current):
    """Lambda's root handler: one line a record, with the time in UTC and the request it belongs to."""
    from time import gmtime

    class LambdaHandler(logging.Handler):
        def emit(self, record):
            record.aws_request_id = current["request_id"]
            try:
                sys.stdout.write(self.format(record))
            except Exception:
                self.handleError(record)

    logging.Formatter.converter = gmtime
    handler = LambdaHandler()
    line = "[%(levelname)s]\t%(asctime)s.%(msecs)03dZ\t%(aws_request_id)s\t%(message)s\n"
    handler.setFormatter(logging.Formatter(line, "%Y-%m-%dT%H:%M:%S"))
    logging.getLogger().addHandler(handler)
    level = os.environ.get("AWS_LAMBDA_LOG_LEVEL", "").upper()
    if level in ("DEBUG", "INFO", "WARN", "ERROR", "FATAL"):
        logging.getLogger().setLevel(level)


def redirect_old_botocore(session):
    """botocore before 1.31 does not know AWS_ENDPOINT_URL; newer ones are left alone."""
    if botocore_version() >= (1, 31):
        return
    original = session.Session.create_client

    def create_client(self, *given, **named):
        if len(given) < 6 and named.get("endpoint_url") is None:  # It is the sixth parameter.
            named["endpoint_url"] = endpoint_of(given[0] if given else named.get("service_name", ""))
        return original(self, *given, **named)

    session.Session.create_client = create_client


def botocore_version():
    text = getattr(sys.modules.get("botocore"), "__version__", "0")
    return tuple(int(part) for part in text.split(".")[:2] if part.isdigit())


def endpoint_of(service_name):
    if os.environ.get("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "").lower() == "true":
        return None
    own = "AWS_ENDPOINT_URL_" + service_name.upper().replace("-", "_")
    return os.environ.get(own) or os.environ.get("AWS_ENDPOINT_URL") or None
