// Speaks a text: streams WAV from the server and plays it while it arrives.

/** What an error answer says, for people. */
export async function reason(answer) {
  try {
    const body = await answer.json();
    return typeof body.detail === "string" ? body.detail : body.error || `status ${answer.status}`;
  } catch {
    return `status ${answer.status}`;
  }
}

/** Plays a WAV stream (16 bits, one channel, a header of 44 bytes) while it arrives. */
class Player {
  constructor() {
    this.context = new AudioContext();
    this.abort = new AbortController();
    this.rest = new Uint8Array(0);
    this.rate = 0;
    this.end = 0;
  }

  take(bytes) {
    const data = new Uint8Array(this.rest.length + bytes.length);
    data.set(this.rest);
    data.set(bytes, this.rest.length);
    let start = 0;
    if (!this.rate) {
      if (data.length < 44) { this.rest = data; return; }
      this.rate = new DataView(data.buffer).getUint32(24, true);
      start = 44;
    }
    const count = (data.length - start) >> 1;
    this.rest = data.slice(start + 2 * count);
    if (count) this.schedule(new DataView(data.buffer, start, 2 * count), count);
  }

  schedule(view, count) {
    const sound = this.context.createBuffer(1, count, this.rate);
    const samples = sound.getChannelData(0);
    for (let index = 0; index < count; index += 1) samples[index] = view.getInt16(2 * index, true) / 32768;
    const source = this.context.createBufferSource();
    source.buffer = sound;
    source.connect(this.context.destination);
    this.end = Math.max(this.end, this.context.currentTime + 0.02);
    source.start(this.end);
    this.end += sound.duration;
  }
}

let playing = null;

/** Stops what is being spoken. */
export function stop() {
  playing?.abort.abort();
  playing?.context.close();
  playing = null;
}

/** Speaks `text`; `tell` gets a sentence about how it goes. Throws an error with the server's reason. */
export async function speak(text, voice, headers, tell) {
  stop();
  const player = new Player();
  playing = player;
  tell("…");
  const begun = performance.now();
  const answer = await fetch("./tts", {
    method: "POST", signal: player.abort.signal, headers: { ...headers, "Content-Type": "application/json" },
    body: JSON.stringify({ text, voice_id: voice, output_format: "wav" }),
  });
  if (!answer.ok) throw new Error(await reason(answer));
  const reader = answer.body.getReader();
  for (let first = true; ; first = false) {
    const { done, value } = await reader.read();
    if (done) break;
    if (first) tell(`First sound after ${Math.round(performance.now() - begun)} ms.`);
    player.take(value);
  }
}
