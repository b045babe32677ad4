"""The REST API: fetches a second on one core, creating, listing."""

import re
import socket
import threading
import time

from bench.graphs import TASKS
from bench.target import Client, Target


def create_tasks(client: Client, count: int) -> float:
    """Return the seconds to create *count* tasks one after the other."""
    began = time.perf_counter()
    for task in range(count):
        client.send("POST", TASKS, {"name": f"CREATED_{task}", "definition": f"SELECT {task}"})
    return time.perf_counter() - began


def list_tasks(client: Client, expected: int) -> float:
    """Return the seconds to list every task, through every page."""
    began = time.perf_counter()
    headers, tasks = client.send("GET", TASKS)
    count = len(tasks)
    last = re.search(r"<([^>]+\?page=)(\d+)>; rel=\"last\"", headers.get("Link", ""))
    if last is not None:
        for page in range(1, int(last[2]) + 1):
            count += len(client.send("GET", last[1] + str(page))[1])
    took = time.perf_counter() - began
    if count < expected:
        raise RuntimeError(f"listed {count} tasks, expected at least {expected}")
    return took


def fetches_per_second(
    target: Target, client: Client, *, seconds: float, connections: int = 4
) -> tuple[float, float]:
    """Return fetches in a second of time, and in a second of the server's processor time."""
    request = (
        f"GET {TASKS}/CREATED_0 HTTP/1.1\r\nHost: 127.0.0.1:{target.port}\r\n"
        f"Authorization: {client.headers['Authorization']}\r\nAccept: application/json\r\n\r\n"
    ).encode()
    counts = [0] * connections
    stop = time.monotonic() + seconds
    cpu = target.cpu_seconds()

    def load(worker: int) -> None:
        with socket.create_connection(("127.0.0.1", target.port)) as peer:
            peer.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            peer.sendall(request)
            size = len(peer.recv(65536))  # every answer has this size: the same task each time
            while time.monotonic() < stop:
                peer.sendall(request * 8)
                left = size * 8
                while left > 0:
                    left -= len(peer.recv(65536))
                counts[worker] += 8

    began = time.perf_counter()
    workers = [threading.Thread(target=load, args=(worker,)) for worker in range(connections)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    took = time.perf_counter() - began
    return sum(counts) / took, sum(counts) / (target.cpu_seconds() - cpu)
