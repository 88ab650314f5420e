#!/usr/bin/env node
'use strict';
const { spawn, spawnSync } = require('child_process');
const fs = require('fs');
const os = require('os');
const path = require('path');
const { serve, readSchema } = require('../lib/shim');
const statics = require('../lib/static');
const rules = require('../lib/rules');
const graph = require('../lib/graph-rules');
const userdata = require('../lib/userdata');

const USAGE = `usage: tfcheck [options] FOLDER
  --schema DIR      folder of NAME.json.gz provider schemas (default: the tool's own)
  --static-only     do not run the terraform command
  --require-terraform  a missing terraform command is an error
  --no-rules        schema checks only
  --no-warnings     print errors only
  --state FILE      write the mocked state of the last test run to FILE
  --machines DIR    write the files that user data gives each machine to DIR/TEST/RUN/ADDRESS/, and
                    the outputs to DIR/TEST/RUN/outputs.json
  --only FILE       run this test file only, as tests/rehearsal.tftest.hcl
  --no-tests        stop after terraform validate
  --metrics FILE    every metric that is scraped or watched must be named in FILE
exit status: 0 no errors, 1 errors, 2 wrong use`;

function options(argv) {
  const o = { schema: path.join(__dirname, '..', 'schema'), rules: true, warnings: true, terraform: true, tests: true };
  for (let i = 0; i < argv.length; i++) {
    const a = argv[i];
    if (a === '--schema') o.schema = argv[++i];
    else if (a === '--state') o.state = argv[++i];
    else if (a === '--machines') o.machines = argv[++i];
    else if (a === '--no-tests') o.tests = false;
    else if (a === '--only') o.only = argv[++i];
    else if (a === '--metrics') o.metrics = fs.readFileSync(argv[++i], 'utf8');
    else if (a === '--static-only') o.terraform = false;
    else if (a === '--require-terraform') o.require = true;
    else if (a === '--no-rules') o.rules = false;
    else if (a === '--no-warnings') o.warnings = false;
    else if (a.startsWith('-') || o.folder) { console.error(USAGE); process.exit(2); } else o.folder = a;
  }
  if (!o.folder || !fs.existsSync(o.folder)) { console.error(USAGE); process.exit(2); }
  return o;
}

/** Keeps only the types that the code mentions: Terraform then starts much faster. */
function trim(schema, text) {
  const keep = (all) => Object.fromEntries(Object.entries(all).filter(([type]) => text.includes(`"${type}"`)));
  return { ...schema, resource_schemas: keep(schema.resource_schemas), data_source_schemas: keep(schema.data_source_schemas) };
}

function testFiles(dir) {
  return ['', 'tests'].flatMap((d) => (fs.existsSync(path.join(dir, d))
    ? fs.readdirSync(path.join(dir, d)).filter((f) => f.endsWith('.tftest.hcl')).sort().map((f) => path.join(d, f)) : []));
}

/** Every shell script below `root`. */
function scripts(root) {
  return fs.readdirSync(root, { withFileTypes: true }).filter((n) => !n.name.startsWith('.') && n.name !== 'node_modules')
    .flatMap((n) => (n.isDirectory() ? scripts(path.join(root, n.name)) : n.name.endsWith('.sh') ? [path.join(root, n.name)] : []));
}

async function main() {
  const o = options(process.argv.slice(2));
  const root = path.resolve(o.folder);
  const problems = [];
  const steps = { passed: 0, failed: 0, skipped: 0 };
  const step = (name, errors) => {
    steps[errors === null ? 'skipped' : errors ? 'failed' : 'passed']++;
    console.log(`${errors === null ? 'skip' : errors ? 'FAIL' : 'ok  '} ${name}`);
  };
  const add = (p) => { problems.push({ severity: 'error', line: 1, ...p, message: p.message.replace(/[╷│╵\s]+/g, ' ').trim().slice(0, 400) }); return p.severity === 'warning' ? 0 : 1; };

  // provider name -> schema, e.g. hashicorp/aws
  const schemas = {};
  for (const f of fs.readdirSync(o.schema).filter((n) => /\.json(\.gz)?$/.test(n))) {
    schemas[`hashicorp/${f.split('.')[0]}`] = readSchema(path.join(o.schema, f));
  }

  const { problems: found, modules, called } = await statics.check(root, schemas);
  if (!modules.length) add({ file: root, line: 0, id: 'static', message: 'no .tf files here' });
  step(`static: ${modules.length} modules`, modules.length ? found.map((p) => add(p)).reduce((a, b) => a + b, 0) : 1);

  if (o.rules && scripts(root).length) {
    const sh = scripts(root).flatMap((file) => userdata.lint(file).map((found) => ({ file, id: 'script', ...found })));
    step(`scripts: ${scripts(root).length}${userdata.hasShellcheck ? '' : ', without shellcheck'}`, sh.reduce((n, p) => n + add(p), 0));
  }

  const available = o.terraform && spawnSync('terraform', ['version'], { stdio: 'ignore' }).status === 0;
  if (o.terraform && !available) step('terraform: command not found', o.require ? add({ file: root, line: 0, id: 'terraform', message: 'the terraform command is missing' }) : null);
  if (available) {
    const text = modules.flatMap((m) => m.files.map((f) => f.root.text)).join('\n');
    // a misspelled type must stay unknown, so trimming cannot hide a mistake
    const served = Object.fromEntries(Object.entries(schemas).map(([n, s]) => [n, trim(s, text)]));
    const shim = await serve(served, o.rules ? rules.run : undefined);
    const temp = fs.mkdtempSync(path.join(os.tmpdir(), 'tfcheck-data-'));
    // asynchronous on purpose: the shim answers terraform from this same process
    const terraform = (dir, args, name) => new Promise((resolve) => {
      const env = { ...process.env, ...shim.env, TF_CLI_CONFIG_FILE: os.devNull, TF_DATA_DIR: path.join(temp, name) };
      for (const key of Object.keys(env)) if (/^(AWS_|TF_VAR_)/.test(key)) delete env[key];
      const child = spawn('terraform', args, { cwd: dir, env, stdio: ['ignore', 'pipe', 'pipe'] });
      let out = '', err = '';
      child.stdout.on('data', (d) => { out += d; });
      child.stderr.on('data', (d) => { err += d; });
      child.on('close', (code) => resolve({ code, out, err }));
    });
    const diagnostic = (d, dir) => add({
      file: d.range ? path.resolve(dir, d.range.filename) : dir, line: d.range?.start.line || 0,
      id: 'terraform', severity: d.severity, message: [d.summary, d.detail].filter(Boolean).join(': '),
    });

    try {
      const fmt = await terraform(root, ['fmt', '-check', '-recursive', '-list=true', '-no-color'], 'fmt');
      const unformatted = fmt.out.split('\n').filter((f) => /\.(tf|tfvars|hcl)$/.test(f));
      for (const f of unformatted) add({ file: path.join(root, f), id: 'fmt', message: 'is not formatted; run terraform fmt' });
      step('terraform fmt', unformatted.length + (fmt.code && !unformatted.length ? add({ file: root, line: 0, id: 'fmt', message: fmt.err }) : 0));

      // a module that another one calls is validated with it
      for (const m of modules.filter((x) => !called.has(x.dir))) {
        const name = path.relative(root, m.dir) || '.';
        const key = name.replace(/\W/g, '_');
        const init = await terraform(m.dir, ['init', '-backend=false', '-input=false', '-no-color'], key);
        if (init.code) {
          // modules and providers from a registry cannot be had offline
          const needsNetwork = /registry|could not download|Failed to query|inaccessible|unreachable|download module/i.test(init.err);
          if (!needsNetwork || o.require) add({ file: m.dir, line: 0, id: 'init', message: init.err });
          step(`terraform init ${name}${needsNetwork ? ' (needs a registry)' : ''}`, needsNetwork && !o.require ? null : 1);
          continue;
        }
        const validate = JSON.parse((await terraform(m.dir, ['validate', '-json'], key)).out);
        step(`terraform validate ${name}`, validate.diagnostics.reduce((n, d) => n + diagnostic(d, m.dir), 0));

        if (!o.tests || !testFiles(m.dir).length) continue;
        const files = o.only ? [o.only] : testFiles(m.dir);
        const events = [];
        // two at a time: a run is mostly one thread of Terraform
        await Promise.all([0, 1].map(async () => {
          for (let file; (file = files.shift());) {
            const test = await terraform(m.dir, ['test', '-json', '-verbose', `-filter=${file}`], key);
            const said = test.out.split('\n').filter((l) => l.startsWith('{')).map((l) => JSON.parse(l));
            if (test.code && !said.some((e) => e.type === 'test_summary')) step(`terraform test ${name}: ${file}`, add({ file: m.dir, line: 0, id: 'test', message: test.err || test.out }));
            events.push(...said);
          }
        }));
        for (const e of events.filter((x) => x.type === 'diagnostic')) diagnostic(e.diagnostic, m.dir);
        for (const e of events.filter((x) => x.test_run?.progress === 'complete')) {
          step(`terraform test ${name}: ${e.test_run.path} "${e.test_run.run}"`, e.test_run.status === 'skip' ? null : e.test_run.status !== 'pass');
        }
        const seen = new Set();
        for (const e of events.filter((x) => x.test_state)) {
          if (o.state) fs.writeFileSync(o.state, JSON.stringify(e.test_state));
          const all = graph.resources(e.test_state.root_module);
          if (o.machines) {
            const to = path.join(o.machines, path.basename(e['@testfile'], '.tftest.hcl'), e['@testrun']);
            userdata.unpack(all, to);
            fs.mkdirSync(to, { recursive: true });
            fs.writeFileSync(path.join(to, 'outputs.json'), JSON.stringify(Object.fromEntries(Object.entries(e.test_state.outputs || {}).map(([name, output]) => [name, output.value])), null, 2));
          }
          for (const f of o.rules ? [...graph.check(e.test_state, o.metrics), ...userdata.check(all)] : []) {
            if (seen.has(f.message)) continue;
            seen.add(f.message);
            add({ file: path.join(m.dir, e['@testfile']), line: 0, ...f });
          }
        }
        if (o.rules && events.some((x) => x.test_state)) {
          step(`state rules ${name}`, problems.filter((p) => p.address && p.severity !== 'warning' && p.file.startsWith(m.dir + path.sep)).length);
        }
      }
    } finally {
      shim.close();
      fs.rmSync(temp, { recursive: true, force: true });
    }
  }

  const seen = new Set();
  let errors = 0, warnings = 0;
  problems.sort((a, b) => a.file.localeCompare(b.file) || a.line - b.line);
  for (const p of problems) {
    const where = `${path.relative(process.cwd(), p.file) || '.'}:${p.line}`;
    const text = `${where}: ${p.severity} [${p.id}] ${p.message}`;
    if (seen.has(text)) continue;
    seen.add(text);
    if (p.severity === 'warning') { warnings++; if (!o.warnings) continue; } else errors++;
    console.log(text);
  }
  console.log(`${errors} errors, ${warnings} warnings`);
  console.log(`tfcheck: ${steps.passed} passed, ${steps.failed} failed, ${steps.skipped} skipped`);
  process.exitCode = errors || steps.failed ? 1 : 0;
}

main().catch((e) => { console.error(e); process.exitCode = 2; });
