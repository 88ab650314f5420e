'use strict';
// Opens the user data of machines in a mocked state and checks what cloud-init
// would only tell on the machine: YAML, shell syntax, systemd units, secrets.
const { spawnSync } = require('child_process');
const fs = require('fs');
const path = require('path');
const zlib = require('zlib');
const YAML = require('yaml');

const has = (command) => spawnSync(command, ['--version'], { stdio: 'ignore' }).status === 0;
const hasShellcheck = has('shellcheck');
const SECRET = /-----BEGIN [A-Z ]*PRIVATE KEY-----|\bAKIA[0-9A-Z]{16}\b|(?:password|secret|(?<!cluster_)token)\s*[=:]\s*["']?[^\s"'$<{]{6,}/i;

function decode(text, base64) {
  let raw = base64 ? Buffer.from(text, 'base64') : Buffer.from(text);
  if (raw[0] === 0x1f && raw[1] === 0x8b) raw = zlib.gunzipSync(raw);
  return raw.toString('utf8');
}

const checked = new Map(); // script -> what is wrong with it: machines share scripts, and runs machines
function checkScript(content, name, say) {
  if (!checked.has(content)) {
    const messages = [];
    inspectScript(content, (m) => messages.push(m));
    checked.set(content, messages);
  }
  for (const m of checked.get(content)) say(`${name}: ${m}`);
}

function inspectScript(content, say) {
  const bash = spawnSync('bash', ['-n'], { input: content, encoding: 'utf8' });
  if (bash.status) say(`${bash.stderr.trim().split('\n')[0]}`);
  else if (hasShellcheck) {
    const r = spawnSync('shellcheck', ['--severity=warning', '--format=gcc', '-'], { input: content, encoding: 'utf8' });
    for (const l of r.stdout.trim().split('\n').filter(Boolean)) say(`${l.replace(/^-:/, 'line ')}`);
  }
  if (!/set -\w*e/.test(content)) say(`no "set -e"; a failed step would go unnoticed`);
}

/**
 * What bash and shellcheck say about a script of an operator; shellcheck's remarks on style as well.
 * @returns {[{line, message}]}
 */
function lint(file) {
  const bash = spawnSync('bash', ['-n', file], { encoding: 'utf8' });
  const said = bash.status || !hasShellcheck ? bash.stderr : spawnSync('shellcheck', ['-x', '--format=gcc', file], { encoding: 'utf8' }).stdout;
  return said.trim().split('\n').filter(Boolean).map((text) => {
    const m = /^.*?:(?: line )?(\d+):(?:\d+:)? *(.*)$/.exec(text);
    return m ? { line: +m[1], message: m[2] } : { line: 1, message: text };
  });
}

function checkUnit(content, name, say) {
  let section = '';
  const seen = {};
  content.split('\n').forEach((text, i) => {
    const l = text.trim();
    if (!l || /^[#;]/.test(l)) return;
    const head = /^\[(\w+)\]$/.exec(l);
    if (head) { section = head[1]; seen[section] = {}; return; }
    const kv = /^(\w+)\s*=\s*(.*)$/.exec(l);
    if (!kv || !section) { say(`${name}:${i + 1}: not "[Section]" or "Key=value"`); return; }
    seen[section][kv[1]] = kv[2];
  });
  if (name.endsWith('.service')) {
    if (!seen.Service?.ExecStart) say(`${name}: no ExecStart`);
    else if (!/^[-@:+!]*\//.test(seen.Service.ExecStart)) say(`${name}: ExecStart needs an absolute path`);
    if (!seen.Service?.User && !seen.Service?.DynamicUser) say(`${name}: runs as root; set User=`);
    if (!/always|on-failure/.test(seen.Service?.Restart || '') && seen.Service?.Type !== 'oneshot') say(`${name}: Restart= is missing`);
  }
}

/** @returns {[{address, message}]} */
function check(resources) {
  const found = [];
  const done = new Set();
  for (const r of resources) {
    const text = r.values.user_data_base64 || r.values.user_data;
    if (!text || !/^aws_(launch_template|instance|launch_configuration)$/.test(r.type) || done.has(r.type + text)) continue;
    done.add(r.type + text);
    const say = (message) => found.push({ address: r.address, id: 'user-data', message: `${r.address}: ${message}` });
    let content;
    try { content = decode(text, r.type === 'aws_launch_template' || !!r.values.user_data_base64); } catch (e) { say(`cannot decode: ${e.message}`); continue; }
    if (SECRET.test(content)) say('looks like it contains a secret; user data is readable by anyone with ec2:Describe rights');
    if (content.startsWith('#!')) { checkScript(content, 'user data', say); continue; }
    if (!content.startsWith('#cloud-config')) { say('starts with neither "#!" nor "#cloud-config"'); continue; }
    const doc = YAML.parseDocument(content);
    for (const e of doc.errors) say(`cloud-config: ${e.message.split('\n')[0]}`);
    const config = doc.errors.length ? {} : doc.toJS() || {};
    for (const key of Object.keys(config)) {
      if (!/^(write_files|runcmd|bootcmd|packages|package_update|package_upgrade|users|groups|mounts|fs_setup|disk_setup|swap|ntp|timezone|hostname|fqdn|ssh_authorized_keys|yum_repos|apt|final_message|power_state|output|preserve_hostname|manage_etc_hosts|repo_update|repo_upgrade|chpasswd)$/.test(key)) say(`cloud-config: unknown key "${key}"`);
    }
    for (const f of config.write_files || []) {
      if (!/^\//.test(f.path || '')) say(`write_files: "${f.path}" is not an absolute path`);
      const body = /b64|base64/.test(f.encoding || '') ? decode(f.content, true) : f.content || '';
      if (/^#!.*sh\b/.test(body)) {
        checkScript(body, f.path, say);
        if (!/^0?[0-7]*[157]/.test(String(f.permissions || '0644').replace(/^0/, ''))) say(`${f.path}: script is not executable (permissions ${f.permissions})`);
      }
      if (/\.(service|timer|mount|path|socket)$/.test(f.path || '')) checkUnit(body, f.path, say);
    }
    const written = new Set((config.write_files || []).map((f) => f.path));
    for (const c of config.runcmd || []) {
      const command = Array.isArray(c) ? c[0] : String(c).split(/\s+/)[0];
      if (/^\/usr\/local\//.test(command) && !written.has(command)) say(`runcmd: ${command} is written by nothing`);
    }
  }
  return found;
}

/**
 * Writes what cloud-init would write on each machine to `dir`/ADDRESS, where ADDRESS is the resource's
 * with other characters than letters, digits, dots and hyphens replaced by "_".
 */
function unpack(resources, dir) {
  for (const r of resources) {
    const text = r.values.user_data_base64 || r.values.user_data;
    if (!text || !/^aws_(launch_template|instance)$/.test(r.type)) continue;
    const content = decode(text, r.type === 'aws_launch_template' || !!r.values.user_data_base64);
    for (const f of YAML.parse(content).write_files || []) {
      const file = path.join(dir, r.address.replace(/[^\w.-]+/g, '_').replace(/_$/, ''), f.path);
      fs.mkdirSync(path.dirname(file), { recursive: true });
      fs.writeFileSync(file, f.content, { mode: parseInt(f.permissions || '0644', 8) });
    }
  }
}

module.exports = { check, decode, unpack, lint, hasShellcheck };
