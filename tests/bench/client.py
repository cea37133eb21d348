"""A lean load client, run as a process of its own: raw socket, prebuilt bytes, one connection.

Reads a pickled job from stdin, says "ready", waits for a line, works, and answers with one JSON line:
{"started": monotonic seconds, "ended": …, "latencies": [seconds], "cpu": seconds, "statuses": {"200": n}, "last": text}
"""

# ruff: noqa: T201 - printing is how it answers

import json
import pickle
import resource
import socket
import sys
import time

BUFFER = 1 << 20


def exchange(connection, buffer, head, body):
    """Send one request; returns (status, body of the answer)."""
    if body:
        connection.sendall(head)
        connection.sendall(body)
    else:
        connection.sendall(head)
    filled = connection.recv_into(buffer)
    while (end := buffer.find(b"\r\n\r\n", 0, filled)) < 0:
        filled += receive(connection, buffer, filled)
    top = bytes(buffer[:end]).lower()
    if b"content-length:" not in top:
        raise ConnectionError(f"an answer without a length: {top[:60]!r}")
    at = top.index(b"content-length:") + 15
    wanted = end + 4 + int(top[at:].split(b"\r\n", 1)[0])
    while filled < wanted:
        filled += receive(connection, buffer, filled)
    return int(top[9:12]), bytes(buffer[end + 4 : wanted])


def receive(connection, buffer, filled):
    """More bytes behind those that are there; an answer longer than the buffer makes it longer."""
    if filled == len(buffer):
        buffer.extend(bytes(len(buffer)))
    with memoryview(buffer) as view:
        got = connection.recv_into(view[filled:])
    if not got:
        raise ConnectionError("the server closed the connection")
    return got


def listed(job):
    """The job's requests, once or over and over for job["seconds"]."""
    deadline = time.monotonic() + job["seconds"] if job["seconds"] else None
    while True:
        for head, number in job["requests"]:
            yield head, job["bodies"][number] if number is not None else None
            if deadline and time.monotonic() > deadline:
                return
        if not deadline:
            return


def by_cursor(job):
    """The first request, then the pages its cursors lead to; job["pages"] in all. Goes on with what send() gives."""
    head, _ = job["requests"][0]
    answer = yield head, None
    for _ in range(job["pages"] - 1):
        cursor = json.loads(answer)["pagination"]["next_cursor"]
        line, rest = head.split(b" HTTP/1.1", 1)
        answer = yield line + b"&cursor=" + cursor.encode() + b" HTTP/1.1" + rest, None


def work(job):
    """Play the job; returns the result."""
    connection = socket.create_connection(("127.0.0.1", job["port"]))
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    buffer, latencies, statuses = bytearray(BUFFER), [], {}
    print("ready", flush=True)
    sys.stdin.buffer.readline()
    requests = by_cursor(job) if job["pages"] else listed(job)
    started = before = time.monotonic()
    answer = None
    while True:
        try:
            head, body = requests.send(answer)
        except StopIteration:
            break
        before = time.monotonic()
        status, answer = exchange(connection, buffer, head, body)
        latencies.append(time.monotonic() - before)
        statuses[status] = statuses.get(status, 0) + 1
        if job["pause"]:
            time.sleep(job["pause"])
    ended = time.monotonic()
    used = resource.getrusage(resource.RUSAGE_SELF)
    return {
        "started": started,
        "ended": ended,
        "latencies": latencies,
        "cpu": used.ru_utime + used.ru_stime,
        "statuses": statuses,
        "last": (answer or b"").decode(),
    }


if __name__ == "__main__":
    print(json.dumps(work(pickle.load(sys.stdin.buffer))), flush=True)
