// The parts of the pages that need no browser, by example: `node pure.mjs FOLDER`. FOLDER has the modules.
import assert from "node:assert/strict";
import { pathToFileURL } from "node:url";

const load = (name) => import(pathToFileURL(`${process.argv[2]}/${name}`).href);
const { blocks, inline } = await load("markup.js");
const { request, routes, sample, withMember } = await load("request.js");
const { voiceGroups } = await load("voices.js");

const brief = (part) => (typeof part === "string" ? part : [part.tag, ...part.children.map(brief)]);

assert.deepEqual(inline("a `b*c*` and **d `e`** *f* 2 * 3").map(brief),
  ["a ", ["code", "b*c*"], " and ", ["strong", "d ", ["code", "e"]], " ", ["em", "f"], " 2 * 3"]);
assert.deepEqual(inline("``a ` b``").map(brief), [["code", "a ` b"]]);
assert.deepEqual(inline("topics/* and jobs/*"), ["topics/* and jobs/*"]);
const [link] = inline("[x](https://a.example/b)");
assert.deepEqual([link.tag, link.attributes.href], ["a", "https://a.example/b"]);
for (const target of ["javascript:alert(1)", "JavaScript:x", "data:text/html,x", "vbscript:x"]) {
  assert.deepEqual(inline(`[x](${target})`), ["x"], target);
}
assert.deepEqual(inline("<img src=x onerror=y>"), ["<img src=x onerror=y>"]);
assert.deepEqual(blocks("one\ntwo\n\n# Head\n- a\n  b\n- c\n\n1. d\n").map(brief),
  [["p", "one two"], ["h4", "Head"], ["ul", ["li", "a b"], ["li", "c"]], ["ol", ["li", "d"]]]);
assert.deepEqual(blocks("| a | b |\n|---|:-:|\n| `x|y` | |\n| p\\|q | z |\ntail").map(brief), [
  ["div", ["table", ["thead", ["tr", ["th", "a"], ["th", "b"]]],
    ["tbody", ["tr", ["td", ["code", "x|y"]], ["td"]], ["tr", ["td", "p|q"], ["td", "z"]]]]],
  ["p", "tail"],
]);
assert.deepEqual(blocks("```sh\na `b`\n\n# c\n```\nd").map(brief), [["pre", ["code", "a `b`\n\n# c"]], ["p", "d"]]);
assert.deepEqual(blocks("```\nopen").map(brief), [["pre", ["code", "open"]]]);
assert.deepEqual(blocks(""), []);

const api = {
  paths: {
    "/a/{id}": {
      post: {
        security: [{}, { bearer: ["x"] }],
        parameters: [
          { name: "id", in: "path", required: true, schema: {} }, { name: "q", in: "query", schema: {} },
          { name: "X-H", in: "header", schema: {} },
        ],
        requestBody: { content: { "application/json": { schema: { $ref: "#/components/schemas/A" } } } },
      },
      get: { security: [{}], parameters: [{ name: "id", in: "path" }] },
    },
    "/up": { post: { requestBody: { content: { "multipart/form-data": { schema: { properties: { f: {} } } } } } } },
  },
  components: {
    schemas: {
      A: { allOf: [{ $ref: "#/components/schemas/B" }, { required: ["n"], properties: { n: { type: "integer", minimum: 3 } } }] },
      B: { type: "object", required: ["t"], properties: { t: { type: "string" }, unneeded: { type: "string" } } },
      Loop: { type: "object", required: ["l"], properties: { l: { $ref: "#/components/schemas/Loop" } } },
    },
  },
};
const [get, post, upload] = routes(api).map((route) => route);
assert.deepEqual([get.method, post.method, upload.method], ["GET", "POST", "POST"]);
assert.deepEqual(post.bodies[0].example, { t: "", n: 3 });
assert.ok(sample(api, { $ref: "#/components/schemas/Loop" }).l, "a schema within itself has an end");
const parameters = { "path:id": "x/y z?#", "query:q": "a&b=c ü", "header:X-H": "h" };
assert.deepEqual(request(post, { parameters, key: "k", type: "application/json", body: '{"t":1}' }), {
  method: "POST", url: "./a/x/y%20z%3F%23?q=a%26b%3Dc%20%C3%BC",
  headers: { "X-H": "h", Authorization: "Bearer k", "Content-Type": "application/json" }, body: '{"t":1}',
});
assert.deepEqual(request(get, { parameters, key: "k" }), { method: "GET", url: "./a/x/y%20z%3F%23", headers: {} });
assert.deepEqual(request(post, { parameters: { "path:id": "x" } }).headers, {}, "nothing is sent for what is empty");
for (const wrong of ["", "a//b", "..", "a/../b", "."]) {
  assert.throws(() => request(get, { parameters: { "path:id": wrong } }), /id is needed/, wrong);
}
const made = request(upload, { type: "multipart/form-data", fields: [["f", "x"], ["g", ""], ["h", { size: 0 }], ["f", "y"]] });
assert.deepEqual(made, { method: "POST", url: "./up", headers: {}, fields: [["f", "x"], ["f", "y"]] });

assert.deepEqual(JSON.parse(withMember('{"a":1}', "voice", "joe")), { a: 1, voice: "joe" });
assert.deepEqual(JSON.parse(withMember('{"voice":1}', "voice", "")), {});
for (const text of ["[1]", "null", "{", "7"]) assert.equal(withMember(text, "voice", "x"), text);

assert.deepEqual(voiceGroups([
  { id: "joe", name: "Joe", languages: ["en-US", "en"] }, { id: "fr", name: "fr", languages: ["fr"], description: "French" },
  { id: "af", name: "Afrikaans", languages: ["af"] }, { id: "en-us", name: "English (America)", language: "en-us" },
  { id: "x", name: "X", languages: [] },
]), [
  { label: "English", voices: [{ id: "joe", label: "Joe – en-US" }, { id: "en-us", label: "English (America) – en-us" }] },
  { label: "Afrikaans", voices: [{ id: "af", label: "Afrikaans – af" }] },
  { label: "Any language", voices: [{ id: "x", label: "X" }] },
  { label: "French", voices: [{ id: "fr", label: "French – fr" }] },
]);
assert.deepEqual(voiceGroups([]), []);
