/** What a description (OpenAPI 3.1) says of its routes, and the requests that it means. Nothing here needs a browser. */

const methods = ["get", "post", "put", "patch", "delete"];

/** What a `$ref` within the document leads to, or the value itself. */
export function resolve(api, value) {
  let found = value;
  for (let step = 0; found && found.$ref && step < 10; step += 1) {
    const names = found.$ref.replace(/^#\//, "").split("/");
    found = names.map((name) => name.replaceAll("~1", "/").replaceAll("~0", "~")).reduce((part, name) => part?.[name], api);
  }
  return found || {};
}

/** All routes: `{ method, path, id, told, parameters, bodies, isSocket, takesKey }`. */
export function routes(api) {
  return Object.entries(api.paths).flatMap(([path, item]) =>
    methods.filter((method) => item[method]).map((method) => {
      const told = item[method];
      const parameters = [...(item.parameters || []), ...(told.parameters || [])].map((one) => resolve(api, one));
      const content = resolve(api, told.requestBody).content || {};
      const bodies = Object.entries(content).map(([type, body]) => ({
        type, fields: members(api, body.schema), example: exampleOf(api, body),
      }));
      return {
        method: method.toUpperCase(), path, told, parameters, bodies,
        id: `${method}${path}`.replace(/[^A-Za-z0-9]+/g, "-").replace(/-$/, ""),
        isSocket: Boolean((told.responses || {})["101"]),
        takesKey: (told.security || api.security || []).some((way) => way.bearer || way.apiKey),
      };
    }));
}

/** The members of an object's schema, those of its parts included. */
export function members(api, schema) {
  const told = resolve(api, schema);
  const own = Object.entries(told.properties || {}).map(([name, property]) => ({
    name, schema: resolve(api, property), required: (told.required || []).includes(name),
  }));
  return (told.allOf || []).flatMap((part) => members(api, part)).concat(own);
}

/** The example of a body: the one that the description gives, or one made from the schema. */
function exampleOf(api, body) {
  const given = Object.values(body.examples || {}).map((one) => resolve(api, one).value).find((value) => value !== undefined);
  return body.example ?? given ?? sample(api, body.schema);
}

/** A value that fits a schema: what it gives as example, else only what is required. */
export function sample(api, schema, depth = 0) {
  const told = resolve(api, schema);
  for (const value of [told.example, (told.examples || [])[0], told.const, told.default, (told.enum || [])[0]]) {
    if (value !== undefined) return value;
  }
  const choice = (told.anyOf || told.oneOf || [])[0];
  if (choice) return sample(api, choice, depth + 1);
  switch ([].concat(told.type ?? "object")[0]) {
    case "string": return "";
    case "integer": case "number": return told.minimum ?? 0;
    case "boolean": return false;
    case "null": return null;
    case "array": return (told.minItems || 0) > 0 && depth < 6 ? [sample(api, told.items, depth + 1)] : [];
    default:
      return Object.fromEntries(members(api, told).filter((member) => member.required && depth < 6)
        .map((member) => [member.name, sample(api, member.schema, depth + 1)]));
  }
}

/**
 * The request of a route: `{ method, url, headers, body, fields }`, with the URL relative to the page.
 *
 * `values.parameters` has texts by place and name, such as `query:format`; those that are empty are left out.
 * `values.type` is the type of the body, `values.body` its text, and `values.fields` are the names and values of a form.
 * Throws when something that the path needs is missing.
 */
export function request(route, values) {
  let path = route.path;
  const query = [];
  const headers = {};
  for (const { in: place, name } of route.parameters) {
    const value = (values.parameters || {})[`${place}:${name}`] ?? "";
    if (place === "path") path = path.replace(`{${name}}`, segments(name, value));
    else if (value === "") continue;
    else if (place === "query") query.push(`${encodeURIComponent(name)}=${encodeURIComponent(value)}`);
    else if (place === "header") headers[name] = value;
  }
  if (values.key && route.takesKey) headers.Authorization = `Bearer ${values.key}`;
  const made = { method: route.method, url: `.${path}${query.length ? "?" : ""}${query.join("&")}`, headers };
  if (!route.bodies.length) return made;
  if (isForm(values.type)) {
    // The browser writes the type, since only it knows the boundary.
    made.fields = (values.fields || []).filter(([, value]) => !(value === "" || value?.size === 0));
  } else if (values.body) {
    headers["Content-Type"] = values.type;
    made.body = values.body;
  }
  return made;
}

/** Whether a body of this type is sent field by field. */
export function isForm(type) {
  return type === "multipart/form-data";
}

/** A value in a path. Slashes stay: topics have them, and a voice may be engine and name. */
function segments(name, value) {
  const parts = value.split("/");
  if (parts.some((part) => part === "" || part === "." || part === "..")) {
    throw new Error(`${name} is needed, and no part of it may be empty, “.” or “..”.`);
  }
  return parts.map(encodeURIComponent).join("/");
}

/** A JSON text with one member of its object set to a text, or taken out. Another text stays as it is. */
export function withMember(text, name, value) {
  try {
    const object = JSON.parse(text);
    if (object === null || typeof object !== "object" || Array.isArray(object)) return text;
    if (value === "") delete object[name];
    else object[name] = value;
    return JSON.stringify(object, null, 2);
  } catch {
    return text;
  }
}
