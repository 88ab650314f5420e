'use strict';
// Checks modules against provider schemas without running Terraform.
const fs = require('fs');
const path = require('path');
const hcl = require('./hcl');

const META = {
  resource: { attributes: ['count', 'for_each', 'provider', 'depends_on'], blocks: ['lifecycle', 'provisioner', 'connection', 'dynamic'] },
  data: { attributes: ['count', 'for_each', 'provider', 'depends_on'], blocks: ['lifecycle', 'dynamic'] },
  provider: { attributes: ['alias', 'version'], blocks: ['dynamic'] },
  module: ['source', 'version', 'providers', 'count', 'for_each', 'depends_on'],
};
const TERRAFORM_DATA = { block: { attributes: { id: { type: 'string', computed: true },
  input: { type: 'dynamic', optional: true }, output: { type: 'dynamic', computed: true },
  triggers_replace: { type: 'dynamic', optional: true } }, block_types: {} } };

function nearest(word, words) {
  const distance = (a, b) => {
    let row = [...Array(b.length + 1).keys()];
    for (let i = 1; i <= a.length; i++) {
      row = row.reduce((next, _, j) => [...next, j === 0 ? i
        : Math.min(next[j - 1] + 1, row[j] + 1, row[j - 1] + (a[i - 1] === b[j - 1] ? 0 : 1))], []);
    }
    return row[b.length];
  };
  const best = words.map((w) => [distance(word, w), w]).sort((x, y) => x[0] - y[0])[0];
  return best && best[0] <= Math.max(2, word.length / 4) ? `; did you mean "${best[1]}"?` : '';
}

/** Loads the .tf files of one folder. */
function loadModule(dir) {
  const mod = { dir, files: [], blocks: [], problems: [], variables: new Map(), outputs: new Map(), locals: new Map(),
    modules: new Map(), resources: new Map(), data: new Map(), providers: new Map() };
  const report = (file, line, id, message) => mod.problems.push({ file, line, id, message });
  for (const name of fs.readdirSync(dir).filter((f) => f.endsWith('.tf')).sort()) {
    const file = path.join(dir, name);
    const parsed = hcl.parseFile(file);
    mod.files.push({ file, ...parsed });
    for (const e of parsed.errors) report(file, e.line, 'syntax', `cannot parse near "${e.text.split('\n')[0]}"`);
    for (const b of parsed.body.blocks) {
      b.file = file;
      mod.blocks.push(b);
      const add = (map, key) => {
        if (map.has(key)) report(file, b.line, 'duplicate', `${b.type} "${key}" is declared twice`);
        map.set(key, b);
      };
      if (b.type === 'variable') add(mod.variables, b.labels[0]);
      else if (b.type === 'output') add(mod.outputs, b.labels[0]);
      else if (b.type === 'module') add(mod.modules, b.labels[0]);
      else if (b.type === 'resource') add(mod.resources, b.labels.join('.'));
      else if (b.type === 'data') add(mod.data, b.labels.join('.'));
      else if (b.type === 'locals') for (const a of b.body.attributes.values()) mod.locals.set(a.name, { ...a, file });
      else if (b.type === 'terraform') {
        for (const rp of b.body.blocks.filter((x) => x.type === 'required_providers')) {
          for (const a of rp.body.attributes.values()) {
            mod.providers.set(a.name, { source: /source\s*=\s*"([^"]+)"/.exec(a.node.text)?.[1],
              version: /version\s*=\s*"([^"]+)"/.exec(a.node.text)?.[1] });
          }
        }
        if (b.body.attributes.has('required_version')) mod.requiredVersion = true;
      } else if (!/^(provider|moved|import|removed|check|ephemeral)$/.test(b.type)) report(file, b.line, 'block', `unknown block "${b.type}"`);
    }
  }
  return mod;
}

function checkModule(mod, schemas, cache) {
  const used = new Set();
  const report = (file, line, id, message) => mod.problems.push({ file, line, id, message });
  const schemaOf = (kind, type) => {
    if (kind === 'resource' && type === 'terraform_data') return TERRAFORM_DATA;
    const provider = type.split('_')[0];
    const source = mod.providers.get(provider)?.source || `hashicorp/${provider}`;
    const s = schemas[source.split('/').slice(-2).join('/')];
    if (!s) return undefined; // a provider without schema: nothing to check against
    const all = kind === 'resource' ? s.resource_schemas : s.data_source_schemas;
    if (all[type]) return all[type];
    return s.unsupported?.includes((kind === 'data' ? 'data.' : '') + type) ? undefined : { missing: Object.keys(all) };
  };

  // --- references -----------------------------------------------------------
  function checkAttributePath(steps, block, what, file, line) {
    const [step, ...rest] = steps.filter((s) => s !== '[]');
    if (!step || !block) return;
    const a = block.attributes[step];
    const b = block.block_types?.[step];
    if (!a && !b) {
      report(file, line, 'attribute', `${what} has no attribute "${step}"${nearest(step, Object.keys({ ...block.attributes, ...block.block_types }))}`);
    } else if (b) checkAttributePath(rest, b.block, `${what}.${step}`, file, line);
    else {
      let type = a.type;
      while (Array.isArray(type) && type[0] !== 'object') type = type[0] === 'map' ? 'dynamic' : type[1];
      if (Array.isArray(type) && rest.length && !(rest[0] in type[1])) {
        report(file, line, 'attribute', `${what}.${step} has no attribute "${rest[0]}"`);
      }
    }
  }
  function checkReference({ parts, line }, file, scope) {
    const [root, name] = parts;
    if (scope.has(root) || /^(path|terraform|null|true|false)$/.test(root)) return;
    const need = (map, kind) => {
      used.add(`${root}.${name}`);
      if (!map.has(name)) report(file, line, 'reference', `${kind} "${name}" is not declared${nearest(name || '', [...map.keys()])}`);
      return map.get(name);
    };
    if (root === 'var') need(mod.variables, 'variable');
    else if (root === 'local') need(mod.locals, 'local value');
    else if (root === 'module') {
      const call = need(mod.modules, 'module');
      const child = call && cache.get(childDir(mod, call));
      const out = parts.slice(2).find((p) => p !== '[]');
      if (child && out && !child.outputs.has(out)) {
        report(file, line, 'reference', `module "${name}" has no output "${out}"${nearest(out, [...child.outputs.keys()])}`);
      }
    } else if (root === 'each' || root === 'count' || root === 'self') {
      report(file, line, 'reference', `"${root}" is not available here`);
    } else {
      const [kind, type, label, rest] = root === 'data' ? ['data', parts[1], parts[2], parts.slice(3)] : ['resource', root, name, parts.slice(2)];
      if (kind === 'resource' && !type.includes('_')) {
        report(file, line, 'reference', `unknown name "${parts.join('.')}"`);
        return;
      }
      const map = kind === 'data' ? mod.data : mod.resources;
      used.add(`${kind}.${type}.${label}`);
      if (!map.has(`${type}.${label}`)) {
        report(file, line, 'reference', `${kind} "${type}.${label}" is not declared${nearest(`${type}.${label}`, [...map.keys()])}`);
        return;
      }
      const schema = schemaOf(kind, type);
      if (schema?.block) checkAttributePath(rest, schema.block, `${type}.${label}`, file, line);
    }
  }
  function checkBodyReferences(body, file, scope) {
    for (const a of body.attributes.values()) {
      // lifecycle.ignore_changes, replace_triggered_by and provider = aws.x name things in their own way
      if (a.name === 'ignore_changes' || a.name === 'provider' || a.name === 'providers') continue;
      for (const r of hcl.references(a.node)) checkReference(r, file, scope);
    }
    for (const b of body.blocks) {
      const inner = new Set(scope);
      if (b.type === 'dynamic') inner.add(b.body.attributes.get('iterator')?.node.text || b.labels[0]);
      if (/^(provisioner|connection|postcondition)$/.test(b.type)) inner.add('self');
      checkBodyReferences(b.body, file, inner);
    }
  }

  // --- arguments and blocks -------------------------------------------------
  function checkBody(body, schema, what, file, line, meta) {
    const names = [...Object.keys(schema.attributes), ...Object.keys(schema.block_types || {})];
    for (const d of body.duplicates) report(file, d.line, 'duplicate', `${what}: "${d.name}" is set twice`);
    for (const a of body.attributes.values()) {
      const s = schema.attributes[a.name];
      if (s) {
        if (!s.optional && !s.required) report(file, a.line, 'argument', `${what}: "${a.name}" is decided by the provider and cannot be set`);
      } else if (schema.block_types?.[a.name]) report(file, a.line, 'argument', `${what}: "${a.name}" is a block, write it without "="`);
      else if (!meta.attributes.includes(a.name)) report(file, a.line, 'argument', `${what}: no argument "${a.name}"${nearest(a.name, names)}`);
    }
    const count = new Map();
    for (const b of body.blocks) {
      const name = b.type === 'dynamic' ? b.labels[0] : b.type;
      const s = schema.block_types?.[name];
      count.set(name, (count.get(name) || 0) + (b.type === 'dynamic' ? Infinity : 1));
      if (s) {
        const content = b.type === 'dynamic' ? b.body.blocks.find((c) => c.type === 'content') : b;
        if (!content) report(file, b.line, 'argument', `${what}: dynamic "${name}" has no content block`);
        else checkBody(content.body, s.block, `${what}.${name}`, file, content.line, { attributes: [], blocks: ['dynamic'] });
        if (b.type !== 'dynamic' && s.max_items && count.get(name) > s.max_items) {
          report(file, b.line, 'argument', `${what}: at most ${s.max_items} "${name}" block`);
        }
      } else if (!(name in schema.attributes) && !meta.blocks.includes(name)) {
        report(file, b.line, 'argument', `${what}: no block "${name}"${nearest(name, names)}`);
      }
    }
    for (const [name, a] of Object.entries(schema.attributes)) {
      if (a.required && !body.attributes.has(name) && !count.has(name)) report(file, line, 'required', `${what}: "${name}" is required`);
    }
    for (const [name, b] of Object.entries(schema.block_types || {})) {
      if (b.min_items && !count.has(name)) report(file, line, 'required', `${what}: a "${name}" block is required`);
    }
  }

  for (const b of mod.blocks) {
    const scope = new Set();
    if (b.body.attributes.has('for_each')) scope.add('each');
    if (b.body.attributes.has('count')) scope.add('count');
    if (b.type === 'variable') {
      for (const v of b.body.blocks) checkBodyReferences(v.body, b.file, scope);
    } else if (!/^(terraform|moved|import|removed)$/.test(b.type)) checkBodyReferences(b.body, b.file, scope);

    if (b.type === 'resource' || b.type === 'data') {
      const [type, label] = b.labels;
      const schema = schemaOf(b.type, type);
      if (schema?.missing) report(b.file, b.line, 'type', `no ${b.type} type "${type}"${nearest(type, schema.missing)}`);
      else if (schema) checkBody(b.body, schema.block, `${type}.${label}`, b.file, b.line, META[b.type]);
    } else if (b.type === 'provider') {
      const source = mod.providers.get(b.labels[0])?.source || `hashicorp/${b.labels[0]}`;
      const schema = schemas[source]?.provider;
      if (schema) checkBody(b.body, schema.block, `provider.${b.labels[0]}`, b.file, b.line, META.provider);
    } else if (b.type === 'module') {
      const dir = childDir(mod, b);
      if (!b.body.attributes.has('source')) report(b.file, b.line, 'module', `module "${b.labels[0]}" has no source`);
      if (!dir) continue;
      const child = cache.get(dir);
      if (!child) { report(b.file, b.line, 'module', `module "${b.labels[0]}": no folder ${path.relative(mod.dir, dir)}`); continue; }
      for (const a of b.body.attributes.values()) {
        if (META.module.includes(a.name)) continue;
        if (!child.variables.has(a.name)) report(b.file, a.line, 'module', `module "${b.labels[0]}" has no variable "${a.name}"${nearest(a.name, [...child.variables.keys()])}`);
      }
      for (const [name, v] of child.variables) {
        if (!v.body.attributes.has('default') && !b.body.attributes.has(name)) {
          report(b.file, b.line, 'module', `module "${b.labels[0]}": variable "${name}" is required`);
        }
      }
    }
  }

  // --- hygiene (what tflint's terraform ruleset would say) ------------------
  const warn = (file, line, id, message) => mod.problems.push({ file, line, id, message, severity: 'warning' });
  for (const [name, v] of mod.variables) {
    if (!v.body.attributes.has('type')) warn(v.file, v.line, 'typed-variable', `variable "${name}" has no type`);
    if (!v.body.attributes.has('description')) warn(v.file, v.line, 'documented-variable', `variable "${name}" has no description`);
    if (!used.has(`var.${name}`)) warn(v.file, v.line, 'unused', `variable "${name}" is never used`);
  }
  for (const [name, o] of mod.outputs) {
    if (!o.body.attributes.has('description')) warn(o.file, o.line, 'documented-output', `output "${name}" has no description`);
  }
  for (const [name, l] of mod.locals) if (!used.has(`local.${name}`)) warn(l.file, l.line, 'unused', `local "${name}" is never used`);
  for (const [name, d] of mod.data) if (!used.has(`data.${name}`)) warn(d.file, d.line, 'unused', `data "${name}" is never used`);
  for (const b of [...mod.resources.values(), ...mod.data.values(), ...mod.modules.values(), ...mod.variables.values(), ...mod.outputs.values()]) {
    const label = b.labels[b.labels.length - 1];
    if (!/^[a-z][a-z0-9_]*$/.test(label)) warn(b.file, b.line, 'naming', `"${label}" is not snake_case`);
  }
  const first = mod.files[0]?.file;
  if (first && !mod.requiredVersion) warn(first, 1, 'required-version', 'module has no required_version');
  for (const t of new Set([...mod.resources.keys(), ...mod.data.keys()].map((k) => k.split('_')[0]))) {
    if (t !== 'terraform' && !mod.providers.get(t)?.version) warn(first, 1, 'required-providers', `provider "${t}" has no source and version in required_providers`);
  }
}

function childDir(mod, call) {
  const source = hcl.literal(call.body.attributes.get('source'));
  return source && /^\.\.?\//.test(source) ? path.resolve(mod.dir, source) : null;
}

/** Checks every module folder below `root`; returns problems in file order. */
async function check(root, schemas) {
  await hcl.init();
  const cache = new Map();
  (function visit(dir) {
    const names = fs.readdirSync(dir, { withFileTypes: true });
    if (names.some((n) => n.isFile() && n.name.endsWith('.tf'))) cache.set(dir, loadModule(dir));
    for (const n of names) if (n.isDirectory() && !n.name.startsWith('.') && n.name !== 'node_modules') visit(path.join(dir, n.name));
  })(path.resolve(root));
  for (const mod of cache.values()) checkModule(mod, schemas, cache);
  const problems = [...cache.values()].flatMap((m) => m.problems);
  problems.sort((a, b) => a.file.localeCompare(b.file) || a.line - b.line);
  const modules = [...cache.values()];
  const called = new Set(modules.flatMap((m) => [...m.modules.values()].map((call) => childDir(m, call))));
  return { problems, modules, called };
}

module.exports = { check };
