'use strict';
// Samples carry their expectations as comments: "# s:ID" for the static
// checker, "# t:TEXT" for what terraform says through the schema-only provider.
const test = require('node:test');
const assert = require('node:assert');
const { spawnSync } = require('child_process');
const fs = require('fs');
const path = require('path');

const userdata = require('../lib/userdata');

const tool = path.join(__dirname, '..', 'bin', 'tfcheck.js');
const samples = path.join(__dirname, 'samples');
const hasTerraform = spawnSync('terraform', ['version'], { stdio: 'ignore' }).status === 0;
const COSMETIC = /^(fmt|unused|typed-variable|documented-|required-|naming)/;

function tfcheck(dir, ...args) {
  const r = spawnSync('node', [tool, ...args, '.'], { cwd: dir, encoding: 'utf8' });
  const found = [...r.stdout.matchAll(/^(\S+?):(\d+): (error|warning) \[([\w-]+)\] (.*)$/gm)]
    .map((m) => ({ file: m[1], line: +m[2], severity: m[3], id: m[4], message: m[5] }));
  return { ...r, found };
}

function expectations(dir) {
  const out = [];
  for (const f of fs.readdirSync(dir).filter((n) => n.endsWith('.tf'))) {
    fs.readFileSync(path.join(dir, f), 'utf8').split('\n').forEach((text, i) => {
      const comment = / # (.*)$/.exec(text);
      for (const m of comment ? comment[1].matchAll(/\b([st]):(\S+)/g) : []) {
        out.push({ by: m[1], what: m[2].replace(/_/g, ' '), file: f, line: i + 1 });
      }
    });
  }
  return out;
}

for (const name of fs.readdirSync(samples).filter((n) => n.startsWith('bad-'))) {
  const dir = path.join(samples, name);
  const expected = expectations(dir);
  if (!expected.length) continue;
  test(`${name}: static checker`, () => {
    const { found } = tfcheck(dir, '--static-only');
    for (const e of expected.filter((x) => x.by === 's')) {
      assert.ok(found.some((f) => f.line === e.line && f.id === e.what), `line ${e.line}: expected ${e.what}, got ${JSON.stringify(found.filter((f) => f.line === e.line))}`);
    }
    for (const f of found.filter((x) => x.severity === 'error')) {
      assert.ok(expected.some((e) => e.by === 's' && e.line === f.line), `line ${f.line}: unexpected ${f.id} ${f.message}`);
    }
  });
  test(`${name}: terraform with the schema-only provider`, { skip: !hasTerraform }, () => {
    const r = tfcheck(dir);
    assert.strictEqual(r.status, 1, r.stdout);
    const found = r.found.filter((f) => f.id === 'terraform');
    for (const e of expected.filter((x) => x.by === 't')) {
      assert.ok(found.some((f) => f.line === e.line && f.message.replace(/_/g, ' ').includes(e.what)), `line ${e.line}: expected ${e.what}\n${r.stdout}`);
    }
    for (const f of found.filter((x) => x.severity === 'error')) {
      assert.ok(expected.some((e) => e.by === 't' && e.line === f.line), `line ${f.line}: unexpected ${f.message}`);
    }
  });
}

test('bad-graph: rules over the mocked state', { skip: !hasTerraform }, () => {
  const r = tfcheck(path.join(samples, 'bad-graph'));
  assert.strictEqual(r.status, 1);
  const ids = r.found.map((f) => f.id);
  for (const id of ['bucket-complete', 's3-gateway-endpoint', 'lb-listener', 'target-group-unused', 'metric', 'alarm-action']) assert.ok(ids.includes(id), id);
});

test('bad-syntax is reported, not crashed on', () => {
  const r = tfcheck(path.join(samples, 'bad-syntax'));
  assert.strictEqual(r.status, 1, r.stderr);
  assert.ok(r.found.some((f) => f.id === 'syntax'));
});

test('bad-script: findings of shellcheck have their line', { skip: !userdata.hasShellcheck }, () => {
  const r = tfcheck(path.join(samples, 'bad-script'), '--static-only');
  assert.strictEqual(r.status, 1);
  assert.deepStrictEqual(r.found.filter((f) => f.id === 'script').map((f) => f.line), [4]);
});

test('terraform/: no errors, every mock test passes', () => {
  const r = tfcheck(path.join(__dirname, '..', '..', '..', 'terraform'));
  assert.strictEqual(r.status, 0, r.stdout + r.stderr);
  assert.deepStrictEqual(r.found.filter((f) => f.severity === 'error' && !COSMETIC.test(f.id)), []);
  if (hasTerraform) assert.match(r.stdout, /ok {3}terraform test/);
});
