"""Starlette by hand: a set of sockets; a message is encoded once and its text sent to each in turn."""

import json

from envelope import envelope, welcome
from starlette.applications import Starlette
from starlette.routing import WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect

subscribers: set[WebSocket] = set()


def encoded(message):
    return json.dumps(message, separators=(",", ":"))


async def broadcast(text):
    for websocket in list(subscribers):
        try:
            await websocket.send_text(text)
        except Exception:
            subscribers.discard(websocket)


async def subscribe(websocket):
    await websocket.accept()
    subscribers.add(websocket)
    try:
        await websocket.send_text(encoded(welcome()))
        while True:
            await websocket.receive_text()
    except WebSocketDisconnect:
        subscribers.discard(websocket)


async def publish(websocket):
    await websocket.accept()
    try:
        while True:
            request = json.loads(await websocket.receive_text())
            if request["type"] == "publish":
                await broadcast(encoded(envelope(request["message_type"], request["data"])))
    except WebSocketDisconnect:
        pass


app = Starlette(routes=[WebSocketRoute("/ws", subscribe), WebSocketRoute("/publish", publish)])
