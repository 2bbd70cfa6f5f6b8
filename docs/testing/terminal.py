"""Runs a command on a terminal of its own and prints what stands there at the end.

A program that paints in place goes back over its lines; what it paints last is what people see. Arguments: columns,
rows, and the command.
"""

import fcntl
import os
import pty
import re
import struct
import sys
import termios

SHOW_CURSOR = "\x1b[?25h"


def main():
    columns, rows, *command = sys.argv[1:]
    process, terminal = pty.fork()
    if process == 0:
        size = struct.pack("HHHH", int(rows), int(columns), 0, 0)
        fcntl.ioctl(1, termios.TIOCSWINSZ, size)
        os.execvp(command[0], command)
    printed = read_all(terminal).decode().replace("\r\n", "\n")
    _, status = os.waitpid(process, 0)
    print(re.sub("\x1b\\[[0-9;?]*[A-Za-z]", "", printed[max(printed.rfind(SHOW_CURSOR), 0) :]), end="")
    sys.exit(os.waitstatus_to_exitcode(status))


def read_all(terminal):
    printed = b""
    while True:
        try:
            piece = os.read(terminal, 65536)
        except OSError:  # Linux says so when the other end is closed.
            return printed
        if not piece:
            return printed
        printed += piece


main()
