"""
A process that has imported what most functions import, and runs none: it forks, and each child becomes a function's
process without paying for those imports again.

It is asked over descriptor 3, in lines: `fork <token>` makes a child, and `exit <pid> <status>` is said of each that
ended. A child connects to the server's socket three times, for its output, its way to the Runtime API and its lifeline,
and says who it is; it gets its environment afterwards, like a process that was started ahead. Here are no credentials
and nothing of any function, and descriptor 4 ends this process with its server.
"""

import gc
import os
import select
import signal
import sys

CONTROL_FD = 3
CHILD_FDS = (1, 3, 4)  # Output, Runtime API, lifeline: as in a process that was started by itself.
RECEIVE_BYTES = 65536

# Clients that functions of a pipeline make; what their making reads from disk is kept for the children.
SERVICES = ("codepipeline", "s3")


def become_function(path, modules):
    """Serves until the server is gone. Returns in children only, which are set up as any process of a function is."""
    usual_kib = preload(modules)
    wake, woken = os.pipe()
    for fd in (wake, woken):
        os.set_blocking(fd, False)
    signal.set_wakeup_fd(woken)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    gc.collect()
    if hasattr(gc, "freeze"):
        gc.freeze()  # So that a child's collector does not copy what it shares.
    names = sorted(set(name.split(".")[0] for name in sys.modules))
    say("ready %d %s" % (anonymous_kib() - usual_kib, ",".join(names)))
    asked = b""
    while True:
        readable, _, _ = select.select([CONTROL_FD, wake], [], [])
        if wake in readable:
            os.read(wake, RECEIVE_BYTES)
            tell_exits()
        if CONTROL_FD not in readable:
            continue
        data = os.read(CONTROL_FD, RECEIVE_BYTES)
        if not data:
            os._exit(0)
        asked += data
        while b"\n" in asked:
            line, _, asked = asked.partition(b"\n")
            if fork(path, line.decode("ascii").split(" ")[1], (wake, woken)):
                return


def say(text):
    os.write(CONTROL_FD, (text + "\n").encode("ascii"))


def tell_exits():
    while True:
        try:
            pid, status = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return
        if pid == 0:
            return
        say("exit %d %d" % (pid, status))


def fork(path, token, own_fds):
    """Answers whether this is the child."""
    pid = os.fork()
    if pid != 0:
        return False
    try:
        os.setpgid(0, 0)
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        for fd in own_fds:
            os.close(fd)
        connect(path, token)
        if sys.version_info < (3, 7):
            import random

            random.seed()  # Newer ones do it themselves.
        return True
    except BaseException:
        os._exit(1)


def connect(path, token):
    from socket import AF_UNIX, SOCK_STREAM, socket

    for fd in CHILD_FDS:
        connection = socket(AF_UNIX, SOCK_STREAM)
        connection.connect(path)
        connection.sendall(("%s %d %d\n" % (token, fd, os.getpid())).encode("ascii"))
        os.dup2(connection.fileno(), fd)
        connection.close()


def preload(modules):
    """Answers how much memory a process has that imported and made one client: the rest is none of a function's."""
    try:
        for name in modules:
            __import__(name)
    except Exception:
        os._exit(0)  # A Python without them starts fast enough by itself.
    try:
        return keep_models()
    except Exception:
        return anonymous_kib()  # A botocore of another make: children read the files themselves.


def anonymous_kib():
    """Source: proc(5), `status`; where the system has none, 0."""
    try:
        with open("/proc/self/status") as status:
            return int([line for line in status if line.startswith("RssAnon:")][0].split()[1])
    except (OSError, IndexError):
        return 0


def keep_models():
    """
    Makes clients as functions will, so that all that they import is there, and keeps what they read. Each child hands
    out what was kept once: whoever asks again gets an object of its own, as botocore's loader has it.
    """
    from botocore.loaders import JSONFileLoader
    from botocore.session import Session

    load = JSONFileLoader.load_file
    paths = []

    def noted(loader, path):
        data = load(loader, path)
        if data is not None:
            paths.append(path)
        return data

    JSONFileLoader.load_file = noted
    try:
        session = Session()
        make_client(session, SERVICES[0])
        usual_kib = anonymous_kib()
        for service in SERVICES[1:]:
            make_client(session, service)
    finally:
        JSONFileLoader.load_file = load
    kept = {path: load(JSONFileLoader(), path) for path in set(paths)}

    def load_file(loader, path):
        data = kept.pop(path, None)
        return load(loader, path) if data is None else data

    JSONFileLoader.load_file = load_file
    return usual_kib


def make_client(session, service):
    """Nothing is ever sent; the names keep botocore from looking for others."""
    session.create_client(
        service,
        region_name="us-east-1",
        endpoint_url="http://127.0.0.1:1",
        aws_access_key_id="none",
        aws_secret_access_key="none",
    )
