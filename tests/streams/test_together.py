# SPDX-License-Identifier: Apache-2.0
"""Requests, commands and forwarded ports on one client at once: none notices the others, and nothing is left."""

from __future__ import annotations

import gc
import os
import resource
import socket
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from transport_help import Background
from waiting import eventually

from k8s_plugins_builtin.core.v1 import ConfigMap, Pod

if TYPE_CHECKING:
    from collections.abc import Callable

    from k8s_core.client import Client
    from k8s_devkit import ApiServer

PAYLOAD = os.urandom(200_000)


def echo(session: Any) -> None:
    while data := session.stdin.read1(1 << 16):
        session.stdout.write(data)


def echo_socket(connection: socket.socket) -> None:
    while data := connection.recv(1 << 16):
        connection.sendall(data)


def sockets() -> int:
    """Open sockets of this process."""
    return sum("socket:" in os.readlink(each) for each in Path("/proc/self/fd").iterdir() if each.exists())


def rest(client: Client, number: int) -> None:
    name = f"map-{number}"
    client.create(ConfigMap(metadata={"name": name}, data={"a": "b"}))
    assert client.get(ConfigMap, name).data == {"a": "b"}
    client.delete(ConfigMap, name)


def command(client: Client, number: int) -> None:
    payload = PAYLOAD[number:]
    assert client.exec(Pod, ["cat"], name="web", input=payload).stdout == payload


def forwarded(client: Client, number: int) -> None:
    with client.port_forward(Pod, 80, name="web") as forward:
        with socket.create_connection(("127.0.0.1", forward.port), timeout=60) as sock:
            sending = Background(lambda: sock.sendall(PAYLOAD))
            data = bytearray()
            while len(data) < len(PAYLOAD):
                data += sock.recv(1 << 16)
            sending.result()
        assert data == PAYLOAD
        assert forward.errors == []


WORK: list[tuple[Callable[[Any, int], None], int]] = [(rest, 16), (command, 8), (forwarded, 4)]


@pytest.mark.parametrize("seconds", [0, pytest.param(10, marks=pytest.mark.soak)])
def test_requests_commands_and_ports_of_one_client_do_not_disturb_each_other(
    api: ApiServer, client: Client, pod: Pod, seconds: int
) -> None:
    api.exec(echo)
    api.port_forward(echo_socket)
    rest(client, 0)
    threads_before, sockets_before = set(threading.enumerate()), sockets()
    end = time.monotonic() + seconds

    def repeated(work: Callable[[Any, int], None], number: int) -> int:
        rounds = 0
        while rounds < 2 or time.monotonic() < end:
            work(client, number)
            rounds += 1
        return rounds

    running = [
        Background(lambda work=work, number=number: repeated(work, number))
        for work, count in WORK
        for number in range(count)
    ]
    assert all(each.result(120 + seconds) >= 2 for each in running)
    gc.collect()
    left = {each.name for each in set(threading.enumerate()) - threads_before if "of Pod" in each.name}
    assert left == set()
    client.close()
    eventually(lambda: sockets() <= sockets_before, "the end of all sockets")


@pytest.mark.soak
@pytest.mark.parametrize("way", ["exec", "port-forward"])
def test_a_gigabyte_costs_no_memory(api: ApiServer, client: Client, pod: Pod, way: str) -> None:
    chunk, count = bytes(1 << 20), 1024

    def flood(session: Any) -> None:
        for _ in range(count):
            session.stdout.write(chunk)

    def flood_socket(connection: socket.socket) -> None:
        for _ in range(count):
            connection.sendall(chunk)

    api.exec(flood)
    api.port_forward(flood_socket)
    size, begin = 0, time.monotonic()
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    if way == "exec":
        with client.open_exec(pod, ["flood"]) as process:
            while data := process.stdout.read(1 << 16):
                size += len(data)
            assert process.wait() == 0
    else:
        with client.open_port(pod, 80) as sock:
            while data := sock.recv(1 << 16):
                size += len(data)
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    print(f"{way}: {size >> 20} MiB in {time.monotonic() - begin:.1f} s, {grown >> 10} MiB more memory")  # noqa: T201  # the figure, with -s
    assert size == count << 20
    assert grown < 64 << 10  # KiB; the server is in this process, too
