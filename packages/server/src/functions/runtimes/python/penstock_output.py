"""What goes to the log, and errors in Lambda's shape."""

import os
import sys

# What log lines carry; changes with every invocation.
current = {"request_id": ""}


class Fault(Exception):
    """An error that the runtime itself finds, by the name that Lambda gives it."""

    def __init__(self, error_type, message, trace=None):
        Exception.__init__(self, message)
        self.error_type = error_type
        self.message = message
        self.trace = trace or []


def open_output():
    """One stream for both, so that lines stay in order; each line goes out when it is complete."""
    os.dup2(1, 2)
    for name in ("stdout", "stderr"):
        stream = getattr(sys, name)
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8", errors="backslashreplace", line_buffering=True)
        else:
            from io import TextIOWrapper

            setattr(sys, name, TextIOWrapper(stream.detach(), "utf-8", "backslashreplace", line_buffering=True))


def flush():
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except Exception:
            pass  # A handler may have closed or replaced it; its lines are then its own affair.


def describe(error):
    """Lambda's shape of an error."""
    if isinstance(error, Fault):
        error_type, message, trace = error.error_type, error.message, error.trace
    else:
        error_type, message, trace = type(error).__name__, text_of(error), user_trace(error)
    return {"errorMessage": message, "errorType": error_type, "requestId": current["request_id"], "stackTrace": trace}


def text_of(error):
    try:
        return str(error)
    except Exception:
        return "<unprintable %s object>" % type(error).__name__


def user_trace(error):
    """The frames of the function's own code: ours and the import system's come first and tell nothing."""
    import traceback

    frames = traceback.extract_tb(error.__traceback__)
    own = os.path.dirname(__file__)
    while frames and (os.path.dirname(frames[0][0]) == own or frames[0][0].startswith("<frozen importlib")):
        frames = frames[1:]
    return traceback.format_list(frames)


def log_error(report):
    lines = ["[ERROR] %s: %s" % (report["errorType"], report["errorMessage"])]
    lines.append("Traceback (most recent call last):")
    for entry in report["stackTrace"]:
        for line in entry.splitlines():
            stripped = line.lstrip(" ")
            lines.append("\u00a0" * (len(line) - len(stripped)) + stripped)
    try:
        sys.stdout.write("\n".join(lines) + "\n")
    except Exception:
        os.write(1, ("\n".join(lines) + "\n").encode("utf-8", "backslashreplace"))
