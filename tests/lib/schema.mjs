// A checker for the part of JSON Schema that docs/openapi.yaml uses. Stricter than the standard in
// one thing: a member that the schema does not name is a disagreement.

const FORMATS = {
  uuid: /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/,
  'date-time': /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/,
  date: /^\d{4}-\d\d-\d\d$/,
  email: /^[^@\s]+@[^@\s]+$/,
  uri: /^https?:\/\//,
};

function typeOf(value) {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'array';
  if (Number.isInteger(value)) return 'integer';
  return typeof value;
}

export function resolve(document, schema) {
  let found = schema;
  while (found?.$ref) {
    const { $ref, ...beside } = found;
    found = $ref
      .slice(2)
      .split('/')
      .reduce((at, name) => at[name.replace(/~1/g, '/').replace(/~0/g, '~')], document);
    if (!found) throw new Error(`no ${$ref}`);
    if (Object.keys(beside).length > 0) found = { ...found, ...beside };
  }
  return found;
}

/** The list of disagreements between a value and a schema; empty is good. */
export function disagreements(document, given, value, where = '$') {
  const schema = resolve(document, given);
  const out = [];
  const no = (what) => out.push(`${where}: ${what}`);
  const choices = schema.anyOf ?? schema.oneOf;
  if (choices) {
    const tries = choices.map((choice) => disagreements(document, choice, value, where));
    if (!tries.some((list) => list.length === 0))
      no(`none of the choices: ${tries.flat().join('; ')}`);
  }
  if ('const' in schema && value !== schema.const)
    no(`${JSON.stringify(value)} is not ${schema.const}`);
  if (schema.enum && !schema.enum.includes(value))
    no(`${JSON.stringify(value)} is not one of ${schema.enum}`);
  if (schema.type) {
    const types = [schema.type].flat();
    const type = typeOf(value);
    if (!types.includes(type) && !(type === 'integer' && types.includes('number'))) {
      no(`${type} instead of ${types}`);
      return out;
    }
  }
  if (typeof value === 'string') {
    if (schema.format && FORMATS[schema.format] && !FORMATS[schema.format].test(value)) {
      no(`"${value}" is no ${schema.format}`);
    }
    if (schema.pattern && !new RegExp(schema.pattern, 'u').test(value))
      no(`"${value}" has another pattern`);
    if (schema.minLength > [...value].length) no('too short');
    if (schema.maxLength < [...value].length) no('too long');
  }
  if (typeof value === 'number') {
    if (value < schema.minimum) no(`${value} is below ${schema.minimum}`);
    if (value > schema.maximum) no(`${value} is above ${schema.maximum}`);
  }
  if (Array.isArray(value) && schema.items) {
    for (const [i, item] of value.entries()) {
      out.push(...disagreements(document, schema.items, item, `${where}[${i}]`));
    }
  }
  if (typeOf(value) === 'object' && schema.properties) {
    for (const name of schema.required ?? []) if (!(name in value)) no(`no member ${name}`);
    for (const [name, member] of Object.entries(value)) {
      if (!(name in schema.properties)) no(`member ${name} is not described`);
      else
        out.push(...disagreements(document, schema.properties[name], member, `${where}.${name}`));
    }
  }
  return out;
}
