"""A manager with topics that addresses every recipient: it encodes a message of its own and makes a task for each."""

import asyncio
import json
import uuid

from envelope import envelope, welcome
from fastapi import FastAPI, WebSocket, WebSocketDisconnect


class ConnectionManager:
    def __init__(self):
        self.connections: dict[str, WebSocket] = {}
        self.topics: dict[str, set[str]] = {}

    async def connect(self, websocket: WebSocket, topics: list[str]) -> str:
        await websocket.accept()
        identifier = str(uuid.uuid4())
        self.connections[identifier] = websocket
        for topic in topics:
            self.topics.setdefault(topic, set()).add(identifier)
        return identifier

    def disconnect(self, identifier: str):
        self.connections.pop(identifier, None)
        for members in self.topics.values():
            members.discard(identifier)

    async def send(self, identifier: str, message: dict):
        websocket = self.connections.get(identifier)
        if websocket is None:
            return
        try:
            await websocket.send_text(json.dumps({**message, "connection_id": identifier}, separators=(",", ":")))
        except Exception:
            self.disconnect(identifier)

    async def broadcast(self, topic: str, message: dict):
        members = list(self.topics.get(topic, ()))
        tasks = [asyncio.create_task(self.send(identifier, message)) for identifier in members]
        await asyncio.gather(*tasks, return_exceptions=True)


app = FastAPI()
manager = ConnectionManager()


@app.websocket("/ws")
async def subscribe(websocket: WebSocket):
    identifier = await manager.connect(websocket, ["training", "models", "system"])
    try:
        await manager.send(identifier, welcome())
        while True:
            await websocket.receive_text()
    except WebSocketDisconnect:
        manager.disconnect(identifier)


@app.websocket("/publish")
async def publish(websocket: WebSocket):
    await websocket.accept()
    try:
        while True:
            request = json.loads(await websocket.receive_text())
            if request["type"] == "publish":
                await manager.broadcast(request["topic"], envelope(request["message_type"], request["data"]))
    except WebSocketDisconnect:
        pass
