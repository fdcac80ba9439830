"""uWebSockets under Python: its own topics do the fan-out in C++. The only argument is the port."""

import json
import sys

from envelope import envelope, welcome
from socketify import App, AppListenOptions, CompressOptions, OpCode


def encoded(message):
    return json.dumps(message, separators=(",", ":"))


def opened(websocket):
    websocket.subscribe("training")
    websocket.send(encoded(welcome()), OpCode.TEXT)


def published(websocket, message, opcode):
    request = json.loads(message)
    if request["type"] == "publish":
        app.publish(request["topic"], encoded(envelope(request["message_type"], request["data"])), OpCode.TEXT)


app = App()
plain = {"compression": CompressOptions.DISABLED, "max_backpressure": 16 * 1024 * 1024, "idle_timeout": 0}
app.ws("/ws", {**plain, "open": opened, "message": lambda websocket, message, opcode: None})
app.ws("/publish", {**plain, "message": published})
app.listen(AppListenOptions(port=int(sys.argv[1]), host="127.0.0.1"), lambda config: None)
app.run()
