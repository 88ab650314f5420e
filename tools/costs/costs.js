#!/usr/bin/env node
'use strict';
// What a month of a cluster on AWS costs, by size and by lever, as the table in terraform/README.md.
// Machines, disks, metrics and defaults are read from the Terraform code, prices from prices.json.
//   node tools/costs/costs.js            print the table
//   node tools/costs/costs.js --write    put it into terraform/README.md
//   node tools/costs/costs.js --check    fail when what stands there is not what the code costs
const fs = require('fs');
const path = require('path');

const terraform = path.join(__dirname, '..', '..', 'terraform');
const readme = path.join(terraform, 'README.md');
const prices = JSON.parse(fs.readFileSync(path.join(__dirname, 'prices.json'), 'utf8'));
const code = fs.readFileSync(path.join(terraform, 'main.tf'), 'utf8');
const variables = fs.readFileSync(path.join(terraform, 'variables.tf'), 'utf8');
const BEGIN = '<!-- costs: written by tools/costs/costs.js -->';
const END = '<!-- end of costs -->';
const ZONES = 3;
const ROOT_GIB = 20;
const ETCD_ROOT_GIB = 10;
const ETCD_DATA_GIB = 20;
const SECONDS_A_MONTH = prices.hoursAMonth * 3600;

// MB/s after the producers' compression: what a size is meant to carry with room for bursts.
const LOADS = { small: { in: 2, out: 4 }, medium: { in: 20, out: 60 }, large: { in: 100, out: 300 } };

function found(text, pattern, what) {
  const m = pattern.exec(text);
  if (!m) throw new Error(`terraform/: cannot find ${what}`);
  return m;
}

function preset(size) {
  const text = found(code, new RegExp(`\\b${size} = \\{\\n([^}]*)\\}`), `preset ${size}`)[1];
  const get = (name, pattern) => found(text, new RegExp(`\\b${name}\\s*= ${pattern}`), `${name} of ${size}`)[1];
  return {
    gateway: get('gateway', '\\["([^"]+)"'), gateways: +get('gateways', '(\\d+)'),
    hot: get('hot', '"([^"]+)"'), hotNodes: +get('hot_nodes', '(\\d+)'),
    diskGib: +get('disk_gib', '(\\d+)'), nvme: get('nvme', '(\\w+)') === 'true',
    etcd: get('etcd', '"([^"]+)"'),
  };
}

function defaultOf(variable) {
  return +found(variables, new RegExp(`variable "${variable}" \\{[^}]*?default\\s*= ([\\d.]+)`), `default of ${variable}`)[1];
}

function machine(type, count) {
  if (!(type in prices.instanceHour)) throw new Error(`prices.json has no price of ${type}`);
  return count * prices.instanceHour[type] * prices.hoursAMonth;
}

const gbAMonth = (mbPerSecond) => (mbPerSecond * SECONDS_A_MONTH) / 1000;

function costs(size) {
  const p = preset(size);
  const load = LOADS[size];
  const machines = p.gateways + p.hotNodes + 3;
  const metrics = found(code, /metrics = \{([\s\S]*?)\n {2}\}\n/, 'metrics')[1].match(/"\w+"/g).length + 1;
  const alarms = fs.readFileSync(path.join(terraform, 'modules', 'observe', 'main.tf'), 'utf8').match(/role = "\w+", metric =/g).length + 4 + 3;
  const endpoints = found(fs.readFileSync(path.join(terraform, 'modules', 'network', 'main.tf'), 'utf8'), /toset\(\[([^\]]*)\]\)/, 'endpoints')[1].split(',').length;
  const written = gbAMonth(load.in);
  const moved = gbAMonth(load.in + load.out);
  const keptDays = defaultOf('object_retention_days') + defaultOf('object_undo_days');
  const objectPuts = (written * 1000) / 8; // parts of 8 MB
  const gateways = machine(p.gateway, p.gateways);
  const hot = machine(p.hot, p.hotNodes);
  const etcd = machine(p.etcd, 3);
  return {
    load, p, gateways, hot, etcd,
    volumes: prices.volumeGibMonth * ((p.gateways + p.hotNodes) * ROOT_GIB + 3 * (ETCD_ROOT_GIB + ETCD_DATA_GIB) + (p.nvme ? 0 : p.hotNodes * p.diskGib)),
    fixed: prices.hoursAMonth * (prices.loadBalancerHour + endpoints * prices.endpointHour * defaultOf('endpoint_zones')) + prices.keyMonth,
    observe: metrics * prices.metricMonth + alarms * prices.alarmMonth + prices.dashboardMonth + prices.logGb * 0.3 * machines,
    objects: load.in * 86400 * keptDays / 1000 * prices.objectGbMonth + (objectPuts / 1000) * prices.thousandPuts + (objectPuts / 1000) * prices.thousandGets,
    replication: written * 2 * prices.interZoneGb,
    forwarding: moved * ((ZONES - 1) / ZONES) * prices.interZoneGb,
    balancing: moved * prices.loadBalancerGb,
    // levers, against the sum
    strangers: moved * ((ZONES - 1) / ZONES) * prices.interZoneGb,
    twoReplicas: -written * prices.interZoneGb,
    savings: -(gateways + hot + etcd) * prices.savingsPlanDiscount,
    // as many again, for half of the month
    burst: (gateways / 2), spot: (gateways / 2) * (1 - prices.spotDiscount) - gateways * (1 - ZONES / p.gateways) * prices.spotDiscount,
    endpoints: prices.hoursAMonth * endpoints * prices.endpointHour * 2,
    month: load.in * 86400 * 23 / 1000 * prices.objectGbMonth,
  };
}

function table() {
  const all = Object.fromEntries(Object.keys(LOADS).map((size) => [size, costs(size)]));
  const usd = (n) => `${n < 0 ? '−' : ''}${Math.round(Math.abs(n)).toLocaleString('en-US')}`;
  const row = (name, of) => `| ${name} | ${Object.values(all).map(of).join(' | ')} |`;
  const sum = (c) => c.gateways + c.hot + c.etcd + c.volumes + c.fixed + c.observe + c.objects + c.replication + c.forwarding + c.balancing;
  const idle = (c) => c.gateways + c.hot + c.etcd + c.volumes + c.fixed + c.observe;
  const traffic = (c) => sum(c) - idle(c);
  return [
    `| USD a month | ${Object.keys(all).join(' | ')} |`,
    '|---|---|---|---|',
    row('MB/s in / out, compressed', (c) => `${c.load.in} / ${c.load.out}`),
    row('gateways', (c) => `${c.p.gateways} ${c.p.gateway}: ${usd(c.gateways)}`),
    row('hot nodes', (c) => `${c.p.hotNodes} ${c.p.hot}: ${usd(c.hot)}`),
    row('etcd', (c) => `3 ${c.p.etcd}: ${usd(c.etcd)}`),
    row('volumes', (c) => usd(c.volumes)),
    row('load balancer, endpoints, key', (c) => usd(c.fixed)),
    row('metrics, alarms, logs', (c) => usd(c.observe)),
    row('**sum when idle**', (c) => `**${usd(idle(c))}**`),
    row('objects: storage and requests', (c) => usd(c.objects)),
    row('between zones: replication to two others', (c) => usd(c.replication)),
    row('between zones: gateway to leader', (c) => usd(c.forwarding)),
    row('load balancer: bytes', (c) => usd(c.balancing)),
    row('**sum under load**', (c) => `**${usd(sum(c))}**`),
    row('lever: `advertise = "direct"`', (c) => usd(-c.balancing)),
    row('lever: clients outside of `client_zones`', (c) => `+${usd(c.strangers)}`),
    row('lever: topics with two replicas', (c) => usd(c.twoReplicas)),
    row('lever: producers compress twice as well', (c) => usd(-traffic(c) / 2)),
    row('lever: a savings plan of a year', (c) => usd(c.savings)),
    row('lever: twice the gateways for half of the month', (c) => `+${usd(c.burst)}`),
    row('… with `gateway_spot_percentage = 100`', (c) => `${c.spot < 0 ? '' : '+'}${usd(c.spot)}`),
    row('lever: `endpoint_zones = 3`', (c) => `+${usd(c.endpoints)}`),
    row('lever: `object_retention_days = 30`', (c) => `+${usd(c.month)}`),
    '',
    `Computed from the code and from [prices](../tools/costs/prices.json): ${prices.source}. `
      + `Other regions differ; eu-central-1 is 10 to 20 % more. ${defaultOf('object_retention_days')} days of objects and ${defaultOf('object_undo_days')} of undo.`,
  ].join('\n');
}

const text = table();
if (process.argv.includes('--write') || process.argv.includes('--check')) {
  const before = fs.readFileSync(readme, 'utf8');
  const [head, rest] = before.split(`${BEGIN}\n`);
  if (rest === undefined || !rest.includes(END)) throw new Error(`terraform/README.md has no place for the table: ${BEGIN} ... ${END}`);
  const after = `${head}${BEGIN}\n${text}\n${rest.slice(rest.indexOf(END))}`;
  if (process.argv.includes('--write')) fs.writeFileSync(readme, after);
  else if (after !== before) {
    console.error('the costs in terraform/README.md are not those of the code: node tools/costs/costs.js --write');
    process.exitCode = 1;
  } else console.log('costs: the table in terraform/README.md is that of the code');
} else console.log(text);
