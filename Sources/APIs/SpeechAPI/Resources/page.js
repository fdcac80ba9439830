// The page: puts the conversation, its sound and its settings together.

import { Conversation } from "./conversation.js";
import { sessions } from "./sessions.js";
import { reason, speak, stop } from "./speak.js";
import { drawTurns } from "./turns.js";
import { fillVoices, voiceGroups } from "../docs/voices.js";

const RATE = 24_000;
const part = (id) => document.getElementById(id);
const STATES = {
  closed: "Not connected.", connecting: "Connecting…", lost: "The connection is lost; trying again…",
  listening: "Listening.", hearing: "You speak.", processing: "Thinking…", speaking: "Answering.", held: "Waiting for you…",
};

let conversation = new Conversation();
let line = null;
let audio = null;

function headers() {
  const key = part("key").value.trim();
  return key ? { Authorization: `Bearer ${key}` } : {};
}

// The conversation.

/** What the settings on the page say about turns. */
function manner() {
  return {
    turn_policy: part("policy").value, interruption: part("interruption").value,
    min_silence_ms: Number(part("shortest").value), max_silence_ms: Number(part("longest").value),
  };
}

function address() {
  const url = new URL("./ws/conversation", location.href);
  url.protocol = location.protocol === "https:" ? "wss:" : "ws:";
  const query = {
    ...manner(), partials: true, heard: true, sample_rate: RATE, response_mode: part("mode").value,
    predefined_voice_id: part("voice").value, record: part("record").checked,
  };
  for (const [name, value] of Object.entries(query)) url.searchParams.set(name, value);
  return url.href;
}

function connect() {
  if (line) return;
  conversation = new Conversation();
  conversation.state = "connecting";
  line = new Worker("./page/line.js", { type: "module" });
  line.onmessage = ({ data }) => take(data);
  const key = part("key").value.trim();
  line.postMessage({ connect: address(), protocols: key ? ["antiphon", `bearer.${key}`] : [] });
  show(["state", "captions", "turns"]);
}

function disconnect() {
  line?.postMessage({ disconnect: true });
  line?.terminate();
  line = null;
  closeAudio();
  conversation.state = "closed";
  show(["state"]);
}

function take({ message, line: state, code, reason: why, heard, turn }) {
  if (message) {
    show(conversation.take(message));
  } else if (heard !== undefined) {
    conversation.heard = { turn, ms: heard };
    document.body.dataset.heard = Math.round(heard);
  } else if (state === "lost") {
    conversation.state = "lost";
    show(["state"]);
  } else if (state === "closed") {
    if (line) disconnect();
    if (code !== 1000) problem(`The conversation ended (${code}${why ? `: ${why}` : ""}). An API key may be needed.`);
  }
}

// Sound.

/** Opens playback, and the microphone if it may be had. Two contexts: the microphone's is never suspended. */
async function openAudio() {
  const output = new AudioContext({ sampleRate: RATE });
  await output.audioWorklet.addModule("./page/playback.js");
  const playback = new AudioWorkletNode(output, "playback", { numberOfInputs: 0, outputChannelCount: [1] });
  playback.connect(output.destination);
  const wire = new MessageChannel();
  playback.port.postMessage({ line: wire.port1 }, [wire.port1]);
  const latency = (output.outputLatency || output.baseLatency || 0) * 1000;
  line.postMessage({ playback: wire.port2, latency }, [wire.port2]);
  audio = { output, playback };
  if (!window.isSecureContext || !navigator.mediaDevices) {
    problem("Browsers give the microphone only to pages on this machine or over https. You can type instead.");
    return;
  }
  try {
    audio.stream = await navigator.mediaDevices.getUserMedia({
      audio: { channelCount: 1, echoCancellation: true, noiseSuppression: true, autoGainControl: true },
    });
  } catch (refusal) {
    problem(
      refusal.name === "NotFoundError"
        ? "No microphone is there. You can type instead."
        : "The microphone was refused; allow it in the address bar. You can type instead.",
    );
    return;
  }
  const input = new AudioContext({ sampleRate: RATE, renderSizeHint: 240 });
  await input.audioWorklet.addModule("./page/microphone.js");
  const microphone = new AudioWorkletNode(input, "microphone", { numberOfOutputs: 0 });
  const sound = new MessageChannel();
  microphone.port.postMessage({ line: sound.port1 }, [sound.port1]);
  line.postMessage({ microphone: sound.port2 }, [sound.port2]);
  input.createMediaStreamSource(audio.stream).connect(microphone);
  Object.assign(audio, { input, microphone });
}

function closeAudio() {
  audio?.stream?.getTracks().forEach((track) => track.stop());
  audio?.input?.close();
  audio?.output?.close();
  audio = null;
}

/** For tests: what is played from now on, sample by sample. */
export function capture() {
  const captured = [];
  audio.playback.port.onmessage = ({ data }) => { if (data.captured) captured.push(data); };
  audio.playback.port.postMessage({ captures: true });
  return captured;
}
window.antiphon = { capture, get conversation() { return conversation; } };

// What is shown.

function problem(text) {
  part("problem").textContent = text;
  part("problem").hidden = !text;
}

function show(changes) {
  if (changes.includes("problem")) problem(changes[1]);
  if (changes.includes("state")) {
    part("state").textContent = STATES[conversation.state] ?? conversation.state;
    document.body.dataset.state = conversation.state;
    part("talk").textContent = line ? "Stop" : "Talk";
    part("talk").setAttribute("aria-pressed", String(Boolean(line)));
    part("mute").disabled = !audio?.microphone;
    part("hush").disabled = !["speaking", "held"].includes(conversation.state);
  }
  // A hidden page is drawn when it is seen again; what was said is kept meanwhile.
  if (document.hidden) return;
  if (changes.includes("captions")) showCaptions();
  if (changes.includes("turns")) drawTurns(part("plot"), conversation.turns);
  if (part("log-box").open) showLog();
}

function showCaptions() {
  const list = part("captions");
  list.replaceChildren(...conversation.captions.map(({ who, text, partial, cut }) => {
    const item = document.createElement("li");
    item.className = `${who}${partial ? " partial" : ""}${cut ? " cut" : ""}`;
    const name = document.createElement("strong");
    name.textContent = who === "user" ? "You: " : "Antiphon: ";
    item.append(name, text);
    return item;
  }));
  list.lastElementChild?.scrollIntoView({ block: "nearest" });
  // Screen readers are told whole sentences, not each guess.
  const last = conversation.captions.at(-1);
  if (last && !last.partial) part("spoken").textContent = `${last.who === "user" ? "You" : "Antiphon"}: ${last.text}`;
}

function showLog() {
  part("log").textContent = conversation.log.slice(-100).map(({ at, message }) => {
    const { type, ...rest } = message;
    return `${new Date(at).toISOString().slice(11, 23)} ${type} ${JSON.stringify(rest)}`;
  }).join("\n");
}

// Events of the page.

part("talk").addEventListener("click", async () => {
  if (line) return disconnect();
  problem("");
  connect();
  try {
    await openAudio();
  } catch (failure) {
    problem(`Sound does not work here: ${failure.message}. You can type instead.`);
  }
  show(["state"]);
});
part("mute").addEventListener("click", () => {
  const isMuted = part("mute").getAttribute("aria-pressed") !== "true";
  part("mute").setAttribute("aria-pressed", String(isMuted));
  part("mute").textContent = isMuted ? "Unmute" : "Mute";
  audio?.microphone?.port.postMessage({ muted: isMuted });
});
part("hush").addEventListener("click", () => line?.postMessage({ send: { action: "cancel" } }));
part("writer").addEventListener("submit", (event) => {
  event.preventDefault();
  const text = part("words").value.trim();
  if (!text) return;
  connect();
  // A line that is not open yet passes nothing on; the words are sent when it is.
  const send = () => line.postMessage({ send: { action: "text", text } });
  if (["connecting", "lost"].includes(conversation.state)) {
    const wait = setInterval(() => {
      if (conversation.state === "connecting") return;
      clearInterval(wait);
      if (line && conversation.state !== "closed") send();
    }, 50);
  } else {
    send();
  }
  part("words").value = "";
});
for (const id of ["policy", "interruption", "shortest", "longest"]) {
  part(id).addEventListener("change", () => line?.postMessage({ send: { action: "settings", ...manner() } }));
}
part("log-box").addEventListener("toggle", showLog);
document.addEventListener("visibilitychange", () => { if (!document.hidden) show(["captions", "turns"]); });
part("speaker").addEventListener("submit", (event) => {
  event.preventDefault();
  part("stop").disabled = false;
  const tell = (text) => { part("result").textContent = text; };
  speak(part("text").value, part("voice").value, headers(), tell).catch((failure) => {
    if (failure.name !== "AbortError") { stop(); tell(failure.message); }
  });
});
part("stop").addEventListener("click", () => { stop(); part("stop").disabled = true; });
part("key").addEventListener("change", () => showVoices().catch(() => {}));

async function showVoices() {
  const answer = await fetch("./tts/voices?format=envelope", { headers: headers() });
  if (!answer.ok) return problem(await reason(answer));
  fillVoices(part("voice"), voiceGroups((await answer.json()).data.voices));
}

async function showHealth() {
  const told = await (await fetch("./health")).json();
  const engine = (isThere, name) => `${name} ${isThere ? "works" : "is missing"}`;
  part("health").textContent = `Version ${told.version}: ${told.status}; `
    + `${engine(told.components.tts_loaded, "speech")}, ${engine(told.components.stt_loaded, "recognition")}.`;
}

show(["state", "turns"]);
showHealth().catch(() => { part("health").textContent = "The server does not answer."; });
showVoices().catch(() => {});
sessions(part("sessions-box"), part("sessions"), headers);
