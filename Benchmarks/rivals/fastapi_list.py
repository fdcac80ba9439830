"""FastAPI with the manager of its documentation: one list, and a broadcast that awaits `send_json` of each socket."""

import json

from envelope import envelope, welcome
from fastapi import FastAPI, WebSocket, WebSocketDisconnect


class ConnectionManager:
    def __init__(self):
        self.connections: list[WebSocket] = []

    async def connect(self, websocket: WebSocket):
        await websocket.accept()
        self.connections.append(websocket)

    def disconnect(self, websocket: WebSocket):
        if websocket in self.connections:
            self.connections.remove(websocket)

    async def broadcast(self, message: dict):
        failed = []
        for connection in self.connections:
            try:
                await connection.send_json(message)
            except Exception:
                failed.append(connection)
        for connection in failed:
            self.disconnect(connection)


app = FastAPI()
manager = ConnectionManager()


@app.websocket("/ws")
async def subscribe(websocket: WebSocket):
    await manager.connect(websocket)
    try:
        await websocket.send_json(welcome())
        while True:
            await websocket.receive_text()
    except WebSocketDisconnect:
        manager.disconnect(websocket)


@app.websocket("/publish")
async def publish(websocket: WebSocket):
    await websocket.accept()
    try:
        while True:
            request = json.loads(await websocket.receive_text())
            if request["type"] == "publish":
                await manager.broadcast(envelope(request["message_type"], request["data"]))
    except WebSocketDisconnect:
        pass
