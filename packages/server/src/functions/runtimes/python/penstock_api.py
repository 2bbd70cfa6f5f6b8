"""
The Runtime API as a client: one HTTP/1.1 connection over an inherited socket, read with just what our own server
sends, a Content-Length in every answer.

A second inherited socket carries nothing. It closes when the server is gone, however it went: see follow_server.
"""

import os

API_FD = 3
LIFELINE_FD = 4
NEXT = b"GET /2018-06-01/runtime/invocation/next HTTP/1.1\r\nHost: runtime\r\n\r\n"
RECEIVE_BYTES = 262144


class Api(object):
    """One HTTP/1.1 connection, read with just what our own server sends: a Content-Length in every answer."""

    def __init__(self):
        from _socket import AF_UNIX, SOCK_STREAM, socket

        os.set_inheritable(API_FD, False)
        self.socket = socket(AF_UNIX, SOCK_STREAM, 0, API_FD)
        self.buffered = b""

    def next(self):
        self.send(NEXT)
        return self.read_reply()

    def post(self, path, error_type, body):
        self.send(self.request(path, error_type, body))
        return self.read_reply()

    def post_and_next(self, path, error_type, body):
        request = self.request(path, error_type, body)
        self.send(request + NEXT)
        self.read_reply()
        return self.read_reply()

    def request(self, path, error_type, body):
        head = "POST /2018-06-01/runtime/%s HTTP/1.1\r\nHost: runtime\r\nContent-Type: application/json\r\n" % path
        if error_type:
            head += "Lambda-Runtime-Function-Error-Type: %s\r\n" % error_type
        return ("%sContent-Length: %d\r\n\r\n" % (head, len(body))).encode("latin-1", "replace") + body

    def send(self, data):
        try:
            self.socket.sendall(data)
        except OSError:
            os._exit(1)  # The server is gone, and with it everyone who could want an answer.

    def read_line(self):
        data = self.buffered
        while b"\n" not in data:
            data += self.receive()
        line, _, self.buffered = data.partition(b"\n")
        return line

    def read_reply(self):
        data = self.buffered
        end = data.find(b"\r\n\r\n")
        while end < 0:
            data += self.receive()
            end = data.find(b"\r\n\r\n")
        headers = {}
        for line in data[:end].split(b"\r\n")[1:]:
            name, _, value = line.partition(b":")
            headers[name.lower()] = value.strip()
        return headers, self.read_body(data, end + 4, int(headers.get(b"content-length", 0)))

    def read_body(self, data, start, length):
        missing = start + length - len(data)
        if missing > 0:
            parts = [data]
            while missing > 0:
                parts.append(self.receive())
                missing -= len(parts[-1])
            data = b"".join(parts)
        self.buffered = data[start + length :]
        return data[start : start + length]

    def receive(self):
        try:
            data = self.socket.recv(RECEIVE_BYTES)
        except OSError:
            data = b""
        if not data:
            os._exit(0)
        return data


def follow_server():
    """
    Asks the kernel to end this process group once the server's end of the lifeline closes. The signal's default
    action does it, also while a handler is busy in C code, and neither a thread nor a timer is needed for it.
    """
    try:
        from fcntl import F_GETFL, F_SETFL, F_SETOWN, fcntl

        os.set_inheritable(LIFELINE_FD, False)
        fcntl(LIFELINE_FD, F_SETOWN, -os.getpgrp())
        fcntl(LIFELINE_FD, F_SETFL, fcntl(LIFELINE_FD, F_GETFL) | os.O_ASYNC)
    except (ImportError, AttributeError, OSError):
        pass  # Where the system has no such signal the process ends at its next call of the Runtime API.
