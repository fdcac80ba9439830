// What the page of /docs makes of a description, without a browser: `node forms.mjs FOLDER < description` prints the page as
// HTML, and the request that each form would send with some values in it. FOLDER has the modules as the server gave them.
import { readFileSync } from "node:fs";
import { pathToFileURL } from "node:url";

const load = (name) => import(pathToFileURL(`${process.argv[2]}/${name}`).href);
const { about, sections } = await load("form.js");
const { request, routes } = await load("request.js");

const escape = (text) => text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll('"', "&quot;");

function html(part) {
  if (typeof part === "string") return escape(part);
  const attributes = Object.entries(part.attributes).map(([name, value]) => ` ${name}="${escape(String(value))}"`).join("");
  const inside = part.children.map(html).join("");
  return ["input"].includes(part.tag) ? `<${part.tag}${attributes}>` : `<${part.tag}${attributes}>${inside}</${part.tag}>`;
}

const api = JSON.parse(readFileSync(0, "utf8"));
const requests = routes(api).map((route) => {
  const parameters = Object.fromEntries(route.parameters.map((one) =>
    [`${one.in}:${one.name}`, one.in === "path" || one.required ? String(one.schema.enum?.[0] ?? "a/ü b") : ""]));
  const [body] = route.bodies;
  const values = { parameters, key: "secret", type: body?.type, body: JSON.stringify(body?.example ?? null) };
  values.fields = (body?.fields || []).map(({ name, schema, required }) =>
    [name, schema.format === "binary" ? "FILE" : required ? "whisper-1" : ""]);
  return { path: route.path, takesKey: route.takesKey, isSocket: route.isSocket, ...request(route, values) };
});
console.log(JSON.stringify({ html: [...about(api), ...sections(api)].map(html).join("\n"), requests }));
