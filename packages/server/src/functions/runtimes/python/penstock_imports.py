"""What is done to modules of others, when and if a function imports them: it costs nothing before."""

import os
import sys


def watch_imports(current):
    todo = {"logging": lambda logging: set_up_logging(logging, current)}
    if not os.environ.get("PENSTOCK_REDIRECTION"):
        todo.update(redirections())
    for name in list(todo):
        if name in sys.modules:
            todo.pop(name)(sys.modules[name])
    sys.meta_path.insert(0, ImportWatch(todo))


def redirections():
    made = []

    def redirection():
        if not made:
            made.append(ours("penstock_redirect").Redirection(os.environ["AWS_LAMBDA_RUNTIME_API"]))
        return made[0]

    return {
        "socket": lambda socket: redirection().change_socket(socket),
        "ssl": lambda ssl: redirection().change_ssl(ssl),
    }


def ours(name):
    """A module of the runtime, whose folder is not on the path while the function runs."""
    folder = os.path.dirname(__file__)
    sys.path.insert(0, folder)
    try:
        return __import__(name)
    finally:
        sys.path.remove(folder)


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
