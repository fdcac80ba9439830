/** Sends what a form says and shows the answer. */
import { isForm, request, withMember } from "./request.js";

/** The most characters of an answer that are shown. */
const longest = 200_000;
/** The most messages of a WebSocket that are shown. */
const mostMessages = 200;

/** A part of the page, made from its value. */
export function mount(part) {
  if (typeof part === "string") return document.createTextNode(part);
  const made = document.createElement(part.tag);
  for (const [name, value] of Object.entries(part.attributes)) made.setAttribute(name, value);
  made.append(...part.children.map(mount));
  return made;
}

function element(name, text, attributes = {}) {
  return mount({ tag: name, attributes, children: text === undefined ? [] : [text] });
}

/** What a form holds, as `request` wants it. */
export function valuesOf(form, key) {
  const type = form.elements.type?.value || form.querySelector("[data-type]")?.dataset.type;
  const values = { parameters: {}, fields: [], type, key };
  for (const [name, value] of new FormData(form)) {
    const [, place, field] = /^(\w+):(.*)$/s.exec(name) || [];
    if (place === "field") values.fields.push([field, value]);
    else if (place) values.parameters[name] = value;
  }
  values.body = type && !isForm(type)
    ? [...form.querySelectorAll("[data-type]")].find((one) => one.dataset.type === type)?.querySelector("[data-body]")?.value
    : undefined;
  return values;
}

/** One route's form at work. */
export class Sender {
  constructor(form, route, key) {
    Object.assign(this, { form, route, key, running: null, sounds: [] });
    this.result = form.querySelector("[data-result]");
    this.stop = form.querySelector("[data-stop]");
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.send().catch((problem) => this.say(problem.name === "AbortError" ? "Stopped." : problem.message));
    });
    this.stop.addEventListener("click", () => this.end());
    for (const select of form.querySelectorAll("select[data-member]")) {
      const text = select.parentElement.querySelector("[data-body]");
      select.addEventListener("change", () => { text.value = withMember(text.value, select.dataset.member, select.value); });
    }
    if (form.elements.type) {
      const choose = () => {
        for (const one of form.querySelectorAll("[data-type]")) {
          one.hidden = one.disabled = one.dataset.type !== form.elements.type.value;
        }
      };
      form.elements.type.addEventListener("change", choose);
      choose();
    }
  }

  /** Shows one line in place of what was shown. */
  say(text) {
    for (const sound of this.sounds.splice(0)) URL.revokeObjectURL(sound);
    this.result.replaceChildren(element("p", text));
  }

  end() {
    if (this.running) this.running();
    this.running = null;
    this.stop.disabled = true;
  }

  async send() {
    this.end();
    const wanted = request(this.route, valuesOf(this.form, this.key()));
    if (this.route.isSocket) return this.connect(wanted);
    const abort = new AbortController();
    const stop = () => abort.abort();
    this.running = stop;
    this.stop.disabled = false;
    this.say("Waiting for the answer…");
    let body = wanted.body;
    if (wanted.fields) {
      body = new FormData();
      for (const [name, value] of wanted.fields) body.append(name, value);
    }
    const begun = performance.now();
    try {
      const answer = await fetch(wanted.url, { method: wanted.method, headers: wanted.headers, body, signal: abort.signal });
      this.say(`${answer.status} ${answer.statusText} after ${Math.round(performance.now() - begun)} ms`);
      const headers = [...answer.headers].map(([name, value]) => `${name}: ${value}`).join("\n");
      const shown = element("details");
      shown.append(element("summary", "Headers"), element("pre", headers, { tabindex: "0" }));
      this.result.append(shown);
      await this.show(answer);
    } finally {
      // Another request may have begun meanwhile.
      if (this.running === stop) this.end();
    }
  }

  async show(answer) {
    const type = (answer.headers.get("content-type") || "").split(";")[0].trim().toLowerCase();
    if (type === "text/event-stream") {
      await this.follow(answer);
    } else if (type.endsWith("json")) {
      const text = await answer.text();
      this.text(pretty(text));
    } else if (type.startsWith("text/") || type === "application/openmetrics-text") {
      this.text(await answer.text());
    } else {
      const content = await answer.blob();
      if (!content.size) return;
      const address = URL.createObjectURL(content);
      this.sounds.push(address);
      if (type.startsWith("audio/")) this.result.append(element("audio", undefined, { controls: "", src: address }));
      const named = /filename="([^"]+)"/.exec(answer.headers.get("content-disposition") || "");
      const link = element("p");
      link.append(element("a", `Save ${content.size} bytes`, { href: address, download: named ? named[1] : "answer" }));
      this.result.append(link);
    }
  }

  text(content) {
    const isCut = content.length > longest;
    const shown = element("pre", content.slice(0, longest), { tabindex: "0" });
    this.result.append(shown);
    if (isCut) this.result.append(element("p", `The first ${longest} of ${content.length} characters are shown.`));
    return shown;
  }

  /** Shows text while it comes. */
  async follow(answer) {
    const shown = this.text("");
    const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
    for (let count = 0; ;) {
      const { done, value } = await reader.read();
      if (done) return;
      if (count < longest) shown.append(value.slice(0, longest - count));
      count += value.length;
    }
  }

  /** Opens a WebSocket and shows what comes until it ends. A browser sends no key with it, so a token is made of one. */
  async connect(wanted) {
    const key = this.key();
    let token = key;
    // A token has a dot. A key does not go into the address or the protocol, where proxies would write it down.
    if (key && !key.includes(".")) {
      const answer = await fetch("./auth/token", {
        method: "POST", body: "{}", headers: { "Content-Type": "application/json", Authorization: `Bearer ${key}` },
      });
      if (!answer.ok) return this.say(`No token could be had for the key: ${answer.status} ${answer.statusText}`);
      token = (await answer.json()).token;
    }
    const address = new URL(wanted.url, location.href);
    address.protocol = address.protocol.replace("http", "ws");
    const socket = new WebSocket(address, token ? ["antiphon", `bearer.${token}`] : []);
    const fields = this.form.querySelector("[data-socket]");
    const send = fields.querySelector("[data-send]");
    const message = fields.querySelector("input");
    this.say("Connecting…");
    const shown = element("ol", undefined, { "aria-label": "Messages" });
    this.result.append(shown);
    const note = (text) => {
      const line = element("li");
      line.append(element("code", text.slice(0, longest)));
      shown.append(line);
      if (shown.children.length > mostMessages) shown.firstElementChild.remove();
    };
    send.onclick = () => { socket.send(message.value); note(`→ ${message.value}`); };
    this.running = () => socket.close();
    this.stop.disabled = false;
    socket.onopen = () => { fields.disabled = false; note("connected"); };
    socket.onmessage = ({ data }) => note(typeof data === "string" ? data : `${data.size} bytes`);
    socket.onclose = ({ code, reason }) => {
      fields.disabled = true;
      this.stop.disabled = true;
      note(`closed: ${code} ${reason}`);
    };
  }
}

/** JSON with line ends; any other text as it is. */
function pretty(text) {
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text;
  }
}
