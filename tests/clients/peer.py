"""A client of Socket.IO in Python: connects as it is told, tries everything, and ends with code 0 if all of it was as it should be.

usage: peer.py blocking|asyncio polling|websocket URL [offsets]

With `offsets`, the server must put one behind the arguments of each event.
"""

import asyncio
import os
import queue
import re
import sys
import traceback

import socketio
from engineio.payload import Payload

TIMEOUT = 10

# Sixteen by default, whatever the server; a burst of events in one answer is more.
Payload.max_decode_packets = 1000


class Blocking:
    """The blocking client, as far as it is asked for here."""

    def __init__(self):
        self.client = socketio.Client()

    def hear(self, name, namespace="/"):
        heard = queue.Queue()
        self.client.on(name, lambda *args: heard.put(args), namespace=namespace)
        return heard

    def answer(self, name, reply, namespace="/"):
        self.client.on(name, reply, namespace=namespace)

    async def connect(self, url, **options):
        self.client.connect(url, wait_timeout=TIMEOUT, **options)

    async def ask(self, name, *args, namespace="/"):
        return self.client.call(name, args or None, namespace=namespace, timeout=TIMEOUT)

    async def emit(self, name, *args, namespace="/"):
        self.client.emit(name, args or None, namespace=namespace)

    async def next(self, heard):
        return heard.get(timeout=TIMEOUT)

    async def disconnect(self):
        self.client.disconnect()


class Asyncio:
    """The asynchronous one, with the same face."""

    def __init__(self):
        self.client = socketio.AsyncClient()

    def hear(self, name, namespace="/"):
        heard = asyncio.Queue()
        self.client.on(name, lambda *args: heard.put_nowait(args), namespace=namespace)
        return heard

    def answer(self, name, reply, namespace="/"):
        self.client.on(name, reply, namespace=namespace)

    async def connect(self, url, **options):
        await self.client.connect(url, wait_timeout=TIMEOUT, **options)

    async def ask(self, name, *args, namespace="/"):
        return await self.client.call(name, args or None, namespace=namespace, timeout=TIMEOUT)

    async def emit(self, name, *args, namespace="/"):
        await self.client.emit(name, args or None, namespace=namespace)

    async def next(self, heard):
        return await asyncio.wait_for(heard.get(), TIMEOUT)

    async def disconnect(self):
        await self.client.disconnect()


def equal(actual, expected):
    if actual != expected:
        raise AssertionError(f"{actual!r} instead of {expected!r}")


async def run(kind, transport, url, offsets=None):
    def bare(args):
        if offsets:
            *args, offset = args
            equal(bool(re.fullmatch(r"[\w-]{8}\.[0-9a-z]{10}", offset)), True)
        return tuple(args)

    peer = Blocking if kind == "blocking" else Asyncio

    # What it says for itself, and the namespaces.
    a = peer()
    greeting = a.hear("greeting", "/guarded")
    await a.connect(url, transports=[transport], auth={"token": "let-me-in"}, namespaces=["/", "/custom", "/guarded"])
    equal(a.client.transport(), transport)
    equal(await a.ask("auth"), {"token": "let-me-in"})
    equal([await a.ask("namespace", namespace=name) for name in ("/", "/custom", "/guarded")], ["/", "/custom", "/guarded"])
    equal(bare(await a.next(greeting)), (False,))
    equal(await a.ask("rooms"), [a.client.get_sid("/")])
    equal(await a.ask("rooms", namespace="/custom"), [a.client.get_sid("/custom")])

    # A middleware that refuses.
    refused = peer()
    reason = refused.hear("connect_error", "/guarded")
    await refused.connect(url, transports=[transport], auth={"token": "wrong"}, namespaces=["/guarded"], wait=False)
    equal(await refused.next(reason), ({"message": "not authorized", "data": {"hint": "a token", "retry": False}},))
    await refused.disconnect()

    # Events and acknowledgements both ways.
    values = (1, -0.5, 'Ünïcödé 🎉 \u2028 "quoted"', True, None, [], {}, [[1, [2]], "x"], {"a": {"b": [None, {"c": ""}]}, "ключ": 1})
    back = a.hear("back")
    await a.emit("back", *values)
    equal(bare(await a.next(back)), values)
    equal(await a.ask("echo", *values), values)
    a.answer("question", lambda n: {"n": n, "bytes": bytes([n])})
    equal(await a.ask("ask", "question", 5000), {"answer": {"n": 1, "bytes": b"\x01"}, "error": None})

    # Binary values, alone and among others.
    mixed = (b"\x00\x01\xfe\xff", {"deep": [{"bytes": b"bytes"}, "té🎉xt"]}, 7)
    await a.emit("back", *mixed)
    equal(bare(await a.next(back)), mixed)
    equal(await a.ask("echo", *mixed), mixed)
    equal(await a.ask("bytes", bytes([1, 2, 3])), bytes([3, 2, 1]))
    equal(await a.ask("echo", "é🎉" * 20_000), "é🎉" * 20_000)

    # Order.
    numbers = a.hear("n")
    await a.emit("burst", 200)
    equal([bare(await a.next(numbers))[0] for _ in range(200)], list(range(200)))

    # Rooms and broadcasts.
    b = peer()
    await b.connect(url, transports=[transport])
    told_a, told_b = a.hear("told"), b.hear("told")
    await a.ask("join", ["room " + transport + kind])
    await b.ask("to", ["room " + transport + kind], [], "hi")
    await b.ask("to", [b.client.get_sid("/")], [], "you")
    equal((bare(await a.next(told_a)), bare(await b.next(told_b))), (("hi",), ("you",)))

    # Both ways to go.
    gone = b.hear("disconnect")
    await b.emit("leave-me", True)
    await b.next(gone)
    print(a.client.get_sid("/"), flush=True)
    await a.disconnect()


try:
    asyncio.run(run(*sys.argv[1:]))
except BaseException:
    traceback.print_exc()
    os._exit(1)  # the blocking client's threads would wait for ever
