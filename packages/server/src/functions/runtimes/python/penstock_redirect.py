"""
Sends what is meant for AWS to the local endpoint, below any SDK: AWS's hosts resolve to the endpoint, and what would
be TLS with it stays plain. HTTP above notices nothing, so the `Host` that a signature covers is kept.

It costs nothing before it is used: `socket` and `ssl` are changed when something imports them.
"""

import re

# Hosts of AWS's own APIs, and LocalStack's name for itself. What customers run on AWS has names there as well and is
# none of ours. Kept equal to `aws-hosts.ts` and `redirect.mjs` by a test.
AWS_HOST = re.compile(
    r"^(?!.+\.(?:elb|compute|compute-1|execute-api)\.)(?:.+\.)?"
    r"(?:amazonaws\.com|amazonaws\.com\.cn|api\.aws|localhost\.localstack\.cloud)$",
    re.IGNORECASE,
)
AWS_PORTS = (80, 443, 4566)

# Names under which functions find LocalStack; on another port they are something else.
LOCALSTACK_HOST = re.compile(r"^(?:localhost|localstack|host\.docker\.internal)$", re.IGNORECASE)
LOCALSTACK_PORT = 4566

PORT_NAMES = {"http": 80, "https": 443}


def is_redirected(host, port):
    if isinstance(host, bytes):
        host = host.decode("ascii", "replace")
    if not isinstance(host, str):
        return False
    number = port_number(port)
    if AWS_HOST.match(host):
        return number in AWS_PORTS
    return number == LOCALSTACK_PORT and LOCALSTACK_HOST.match(host) is not None


def port_number(port):
    text = port.decode("ascii", "replace") if isinstance(port, bytes) else port
    if text in PORT_NAMES:
        return PORT_NAMES[text]
    try:
        return int(text)
    except (TypeError, ValueError):
        return None


class Redirection(object):
    """`address` is the endpoint's `host:port`."""

    def __init__(self, address):
        host, _, port = address.rpartition(":")
        self.endpoint = (host.strip("[]"), int(port))
        self.addresses = set()  # What the endpoint resolved to: TLS with one of these can only be meant for AWS.

    def change_socket(self, socket):
        getaddrinfo = socket.getaddrinfo
        connect = socket.socket.connect

        def redirected_getaddrinfo(host, port, family=0, type=0, proto=0, flags=0):
            if flags & socket.AI_PASSIVE or not is_redirected(host, port):  # The former is for who listens there.
                return getaddrinfo(host, port, family, type, proto, flags)
            found = getaddrinfo(self.endpoint[0], self.endpoint[1], 0, type, proto)
            self.addresses.update(entry[4][:2] for entry in found)
            return found

        def redirected_connect(sock, address):
            if isinstance(address, tuple) and is_redirected(*address[:2]):
                address = redirected_getaddrinfo(address[0], address[1], sock.family)[0][4]
            return connect(sock, address)

        socket.getaddrinfo = redirected_getaddrinfo
        socket.socket.connect = redirected_connect

    def change_ssl(self, ssl):
        wrap_socket = ssl.SSLContext.wrap_socket
        wrap_bio = ssl.SSLContext.wrap_bio

        def plain_wrap_socket(context, sock, *given, **named):
            if not self.is_endpoint(sock):
                return wrap_socket(context, sock, *given, **named)
            server_hostname = named.get("server_hostname", given[3] if len(given) > 3 else None)
            return plain_socket(ssl, context, sock, server_hostname)

        def plain_wrap_bio(context, incoming, outgoing, server_side=False, server_hostname=None, **named):
            if server_side or not is_redirected(server_hostname, 443):
                return wrap_bio(context, incoming, outgoing, server_side, server_hostname, **named)
            return plain_object(ssl, context, incoming, outgoing, server_hostname)

        ssl.SSLContext.wrap_socket = plain_wrap_socket
        ssl.SSLContext.wrap_bio = plain_wrap_bio

    def is_endpoint(self, sock):
        try:
            return sock.getpeername()[:2] in self.addresses
        except (AttributeError, OSError):
            return False  # A stand-in for a socket, or one that is not connected.


def face_of_tls(context, hostname):
    """What clients ask of a connection by TLS."""

    class Face(object):
        server_hostname = hostname
        server_side = False
        session = None
        session_reused = False

        def getpeercert(self, binary_form=False):
            if binary_form:
                return b""
            return {"subject": ((("commonName", hostname),),), "subjectAltName": (("DNS", hostname),)}

        def do_handshake(self, *_):
            pass

        def selected_alpn_protocol(self):
            return None

        selected_npn_protocol = cipher = compression = version = selected_alpn_protocol

        def pending(self):
            return 0

    Face.context = context
    return Face


def plain_socket(ssl, context, sock, hostname):
    """The same connection as a plain socket; as with TLS, the given one has lost it."""
    from socket import socket

    class PlainSocket(face_of_tls(context, hostname), socket):
        def read(self, size=1024, buffer=None):
            return self.recv(size) if buffer is None else self.recv_into(buffer, size)

        def write(self, data):
            return self.send(data)

        def unwrap(self):
            return self

    timeout = sock.gettimeout()
    plain = PlainSocket(sock.family, sock.type, sock.proto, sock.detach())
    plain.settimeout(timeout)
    return plain


def plain_object(ssl, context, incoming, outgoing, hostname):
    """The same between two buffers, as asyncio does it."""

    class PlainObject(face_of_tls(context, hostname)):
        def read(self, size=1024, buffer=None):
            data = incoming.read(size)
            if not data and not incoming.eof:
                raise ssl.SSLWantReadError(ssl.SSL_ERROR_WANT_READ, "nothing has come yet")
            if buffer is None:
                return data
            buffer[: len(data)] = data
            return len(data)

        def write(self, data):
            return outgoing.write(data)

        def pending(self):
            return incoming.pending

        def unwrap(self):
            pass

    return PlainObject()
