// The connection, in a worker: its timers keep their rate while the page is hidden, and sound goes straight between it and
// the audio thread, whatever the page is busy with.

const KEEP_ALIVE = 15_000;
const LONGEST_WAIT = 15_000;

let address = null;
let protocols = [];
let socket = null;
let attempts = 0;
let retry = 0;
let playback = null;
let microphone = null;
let latency = 0;
let lastHeard = { turn: 0, ms: -1 };

function tell(message) {
  postMessage(message);
}

function send(action) {
  if (socket?.readyState === WebSocket.OPEN) socket.send(JSON.stringify(action));
}

/** The samples of a WAV file with 16 bits and one channel, at whatever place its data are. */
function samplesOf(base64) {
  const text = atob(base64);
  const bytes = Uint8Array.from(text, (character) => character.charCodeAt(0));
  const view = new DataView(bytes.buffer);
  let place = 12;
  while (place + 8 <= bytes.length && view.getUint32(place, false) !== 0x64617461) {
    place += 8 + view.getUint32(place + 4, true) + (view.getUint32(place + 4, true) & 1);
  }
  const count = Math.max(0, (bytes.length - place - 8) >> 1);
  const samples = new Float32Array(count);
  for (let index = 0; index < count; index += 1) samples[index] = view.getInt16(place + 8 + 2 * index, true) / 32768;
  return samples;
}

function take(message) {
  switch (message.type) {
    case "response_audio": {
      const samples = samplesOf(message.audio_data);
      delete message.audio_data;
      if (playback) {
        playback.postMessage({ piece: { samples, turn: message.turn, start: message.start_ms } }, [samples.buffer]);
      } else {
        // Nobody listens, so nothing is heard of it; what is only read counts as read.
        send({ action: "heard", turn: message.turn, heard_ms: message.start_ms + message.duration_ms });
      }
      break;
    }
    case "paused": playback?.postMessage({ hold: true }); break;
    case "resumed": playback?.postMessage({ hold: false }); break;
    case "interrupted": playback?.postMessage({ drop: true }); break;
    default: break;
  }
  tell({ message });
}

function connect() {
  clearTimeout(retry);
  const current = new WebSocket(address, protocols);
  current.binaryType = "arraybuffer";
  socket = current;
  let wasOpen = false;
  current.onopen = () => {
    wasOpen = true;
    attempts = 0;
    tell({ line: "open" });
  };
  current.onmessage = ({ data }) => take(JSON.parse(data));
  current.onclose = ({ code, reason }) => {
    if (socket !== current) return;
    socket = null;
    playback?.postMessage({ drop: true });
    // The server is asked again, later each time and at a moment of chance; not when it refuses for good.
    const isOver = code === 1000 || code === 1008 || (code >= 4000 && code !== 4429) || (!wasOpen && attempts >= 4);
    tell({ line: isOver ? "closed" : "lost", code, reason });
    if (isOver) return;
    attempts += 1;
    const wait = Math.min(LONGEST_WAIT, 500 * 2 ** attempts);
    retry = setTimeout(connect, wait / 2 + (Math.random() * wait) / 2);
  };
}

setInterval(() => send({ action: "ping" }), KEEP_ALIVE);

onmessage = ({ data }) => {
  if (data.connect) {
    ({ connect: address, protocols } = data);
    attempts = 0;
    connect();
  } else if (data.disconnect) {
    clearTimeout(retry);
    const old = socket;
    socket = null;
    old?.close(1000);
    playback?.postMessage({ drop: true });
    tell({ line: "closed", code: 1000, reason: "" });
  } else if (data.microphone) {
    microphone = data.microphone;
    microphone.onmessage = ({ data: { sound } }) => {
      // A socket that takes nothing any more must not fill the memory.
      if (socket?.readyState === WebSocket.OPEN && socket.bufferedAmount < 1_000_000) socket.send(sound);
    };
  } else if (data.playback) {
    playback = data.playback;
    latency = data.latency;
    playback.onmessage = ({ data: { heard, waiting, turn } }) => {
      const ms = Math.max(0, heard - (waiting > 0 ? latency : 0));
      if (turn === lastHeard.turn && ms <= lastHeard.ms) return;
      lastHeard = { turn, ms };
      send({ action: "heard", turn, heard_ms: ms, waiting_ms: waiting });
      tell({ heard: ms, turn });
    };
  } else if (data.send) {
    send(data.send);
  }
};
