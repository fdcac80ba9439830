/** The routes of a description as parts of a page, each with a form that sends its request. */
import { blocks, inline, node, table } from "./markup.js";
import { isForm, resolve, routes } from "./request.js";

const voiceNames = ["voice", "voice_id", "predefined_voice_id"];

/** The sections of the page, one for each tag that has routes, in the order of the tags. */
export function sections(api) {
  const groups = new Map((api.tags || []).map((tag) => [tag.name, { about: tag.description, made: [] }]));
  for (const route of routes(api)) {
    const name = (route.told.tags || ["other"])[0];
    if (!groups.has(name)) groups.set(name, { made: [] });
    groups.get(name).made.push(details(api, route));
  }
  return [...groups].filter(([, { made }]) => made.length).map(([name, { about, made }]) =>
    node("section", { "aria-labelledby": `tag-${name}` },
      node("h2", { id: `tag-${name}` }, name), blocks(about || "", 2), made));
}

function details(api, route) {
  const { told, method, path, id } = route;
  const answers = Object.entries(told.responses || {}).map(([status, answer]) => {
    const meant = resolve(api, answer);
    return [node("code", {}, status), Object.keys(meant.content || {}).join(", "), blocks(meant.description || "")];
  });
  return node("details", { id },
    node("summary", {},
      node("code", { class: "method" }, method), " ", node("code", {}, path), told.summary ? ` — ${told.summary}` : ""),
    node("div", {},
      blocks(told.description || ""), form(api, route),
      node("h3", {}, "Answers"), table(["Status", "Type", "Meaning"], answers)));
}

function form(api, route) {
  const { id, method, path, parameters, bodies } = route;
  const given = parameters.map((one) => field(api, `${id}-${one.in}-${one.name}`, {
    name: `${one.in}:${one.name}`, label: one.name, note: one.in, schema: resolve(api, one.schema),
    description: one.description, required: one.required || one.in === "path",
  }));
  const needed = node("button", { type: "submit", "aria-label": `Execute ${method} ${path}` },
    route.isSocket ? "Connect" : "Execute");
  return node("form", { "data-route": id, "aria-label": `${method} ${path}` },
    given.length ? node("fieldset", {}, node("legend", {}, "Parameters"), given) : null,
    bodies.length > 1 ? menu(`${id}-type`, "type", "Type of the body", bodies.map(({ type }) => type)) : null,
    bodies.map((body) => bodyFields(api, id, body)),
    node("p", {}, needed, " ", node("button", { type: "button", "data-stop": "", disabled: "" }, "Stop")),
    route.isSocket ? socketFields(id) : null,
    node("div", { role: "status", "data-result": "" }));
}

function bodyFields(api, id, { type, fields, example }) {
  const legend = node("legend", {}, `Body: ${type}`);
  if (isForm(type)) {
    return node("fieldset", { "data-type": type }, legend, fields.map((one) => field(api, `${id}-field-${one.name}`, {
      name: `field:${one.name}`, label: one.name, schema: one.schema, description: one.schema.description,
      required: one.required,
    })));
  }
  const voice = fields.find(({ name }) => voiceNames.includes(name));
  const text = JSON.stringify(example, null, 2);
  return node("fieldset", { "data-type": type }, legend,
    voice ? [
      node("label", { for: `${id}-voices` }, "Voice"),
      node("select", { id: `${id}-voices`, "data-voices": "", "data-member": voice.name },
        node("option", { value: "" }, "as the text below says")),
    ] : null,
    node("label", { for: `${id}-body` }, "JSON"),
    node("textarea", {
      id: `${id}-body`, "data-body": "", spellcheck: "false", rows: String(Math.min(12, text.split("\n").length + 1)),
    }, text),
    fields.length ? table(["Member", "Type", "Meaning"], fields.map(({ name, schema, required }) => [
      node("code", {}, name + (required ? " *" : "")), words(schema), blocks(schema.description || ""),
    ])) : null);
}

/** A field with its label and what is said of it. */
function field(api, id, { name, label, note, schema, description, required }) {
  const hint = [words(schema), note].filter(Boolean).join("; ");
  const own = { id, name, "aria-describedby": `${id}-hint`, ...(required ? { required: "" } : {}) };
  return node("div", {},
    node("label", { for: id }, label + (required ? " *" : "")),
    control(api, own, label, schema, required),
    node("div", { id: `${id}-hint`, class: "hint" }, node("p", {}, hint), blocks(description || "")));
}

function control(api, own, label, schema, required) {
  const items = schema.items ? resolve(api, schema.items) : {};
  const choices = schema.enum || (schema.type === "boolean" ? [true, false] : null);
  if (schema.format === "binary") return node("input", { ...own, type: "file" });
  if (voiceNames.includes(label)) {
    return node("select", { ...own, "data-voices": "" }, node("option", { value: "" }, "the usual one"));
  }
  if (items.enum) {
    return node("select", { ...own, multiple: "", size: String(Math.min(4, items.enum.length)) }, items.enum.map(option));
  }
  if (choices) return node("select", own, required ? null : node("option", { value: "" }, "–"), choices.map(option));
  const isNumber = ["integer", "number"].includes(schema.type);
  return node("input", {
    ...own, autocomplete: "off", ...(isNumber ? { type: "number", step: schema.type === "integer" ? "1" : "any" } : { type: "text" }),
  });
}

function menu(id, name, label, choices) {
  return node("div", {}, node("label", { for: id }, label), node("select", { id, name }, choices.map(option)));
}

function option(choice) {
  return node("option", { value: String(choice) }, String(choice));
}

/** What is sent over a WebSocket once it is there. */
function socketFields(id) {
  return node("fieldset", { "data-socket": "", disabled: "" }, node("legend", {}, "Message"),
    node("label", { for: `${id}-message` }, "Text"),
    node("input", { id: `${id}-message`, type: "text", autocomplete: "off", value: '{"type":"ping"}' }),
    node("button", { type: "button", "data-send": "" }, "Send"));
}

/** A schema in a few words. */
export function words(schema) {
  const parts = [];
  if (schema.type) parts.push([].concat(schema.type).join(" or "));
  if (schema.enum) parts.push(schema.enum.join(" | "));
  if (schema.minimum !== undefined || schema.maximum !== undefined) {
    parts.push(`${schema.minimum ?? "…"} to ${schema.maximum ?? "…"}`);
  }
  if (schema.default !== undefined) parts.push(`default ${schema.default}`);
  return parts.join(", ");
}

/** What is said of the server at the top. */
export function about(api) {
  const { version, summary, description } = api.info;
  return [node("p", {}, `Version ${version}. `, inline(summary || "")), ...blocks(description || "", 1)];
}
