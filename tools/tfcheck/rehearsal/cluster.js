'use strict';
// Plays a whole mocked deployment: every machine is a network and a mount namespace with the files that its
// user data writes, in which the commands of its units run, tidelog-bootstrap first. AWS is played by
// stand-ins: instance metadata, parameters, buckets, the load balancer, the groups' hooks. Three etcd
// members with mutual TLS, three hot nodes and two gateways start in the worst order, Kafka's own clients
// write and read under the names that bootstrap_servers has; below that load all nodes are replaced by
// such with another release, one at a time, and then a zone goes silent.
//   node bin/tfcheck.js --only tests/rehearsal.tftest.hcl --machines DIR ../../terraform
//   node rehearsal/cluster.js DIR/rehearsal/network RELEASE.tar.gz FOLDER_OF_KAFKA_JARS S3PROXY.jar
// Needs root, a JDK 25 in JAVA_HOME, and ip, unshare, nsenter, setpriv, curl, jq, openssl, python3, etcd.
const assert = require('node:assert');
const { spawn, spawnSync } = require('child_process');
const crypto = require('crypto');
const fs = require('fs');
const http = require('http');
const net = require('net');
const path = require('path');

const inside = '--inside';
if (process.argv[2] !== inside) {
  // Namespaces of our own: whatever happens, nothing of what runs in them outlives them.
  const world = ['--net', '--mount', '--pid', '--fork', '--kill-child', '--mount-proc', process.execPath, __filename, inside];
  process.exit(spawnSync('unshare', [...world, ...process.argv.slice(2)], { stdio: 'inherit' }).status ?? 1);
}
const { work, file, write, serve, metadata, run, until, play } = require('./stage');

const [templates, release, kafka, s3proxy] = process.argv.slice(3).map((p) => path.resolve(p));
const java = path.join(process.env.JAVA_HOME, 'bin', 'java');
const outputs = JSON.parse(fs.readFileSync(path.join(templates, 'outputs.json'), 'utf8'));
const zones = ['eu-central-1a', 'eu-central-1b', 'eu-central-1c'];
/** Host number `n` in the subnet of a zone, which are /20. */
const address = (zone, n) => `10.40.${zones.indexOf(zone) * 16}.${n}`;
const balancerHost = 10;
const etcdHost = 20;
const here = '10.40.0.1';
const records = 200; // a second
const topic = 'orders';

const isRunning = (child) => child && child.exitCode === null && child.signalCode === null;
const checksum = (archive) => crypto.createHash('sha256').update(fs.readFileSync(archive)).digest('hex');
const machines = new Map(); // by address
const balancers = [];

function ip(...lines) {
  const r = spawnSync('ip', ['-batch', '-'], { input: lines.join('\n'), encoding: 'utf8' });
  assert.strictEqual(r.status, 0, r.stderr);
}

/** A machine of its own network address, with files of its own in the folders that machine.sh names. */
class Machine {
  constructor(name, zone, host, template) {
    Object.assign(this, { name, zone, address: address(zone, host), root: file(name), lifecycle: 'InService' });
    for (const folder of ['etc', 'opt', 'run', 'usr/local/sbin', 'var/lib']) fs.mkdirSync(path.join(this.root, folder), { recursive: true });
    spawnSync('cp', ['-a', '/etc/.', path.join(this.root, 'etc')]);
    for (const own of ['systemd', 'shadow', 'shadow-', 'gshadow', 'gshadow-']) fs.rmSync(path.join(this.root, 'etc', own), { recursive: true, force: true });
    const names = zones.map((z) => `${address(z, balancerHost)} ${z}.kafka.rehearsal\n`);
    this.replace('etc/hosts', `127.0.0.1 localhost\n${names.join('')}`);
    if (template) {
      fs.cpSync(path.join(templates, template), this.root, { recursive: true });
      this.replace('etc/passwd', `${this.read('etc/passwd')}tidelog:x:990:990::/:/usr/sbin/nologin\n`);
      this.replace('etc/group', `${this.read('etc/group')}tidelog:x:990:\n`);
      fs.cpSync(file('stand-ins'), path.join(this.root, 'usr/local/sbin'), { recursive: true });
      fs.mkdirSync(path.join(this.root, 'var/lib/tidelog'));
    }
    const id = machines.size + 2;
    ip(`netns add ${name}`, `link add v${id} type veth peer name eth0 netns ${name}`, `link set v${id} master br0`, `link set v${id} up`);
    this.link = `v${id}`;
    const r = spawnSync('ip', ['-netns', name, '-batch', '-'], {
      input: ['link set lo up', `addr add ${this.address}/16 dev eth0`, 'link set eth0 up', 'route add 169.254.169.254 dev eth0'].join('\n'), encoding: 'utf8',
    });
    assert.strictEqual(r.status, 0, r.stderr);
    machines.set(this.address, this);
  }

  read(name) { return fs.readFileSync(path.join(this.root, name), 'utf8'); }

  /** Never through a link into the real /etc. */
  replace(name, content) {
    fs.rmSync(path.join(this.root, name), { force: true });
    fs.writeFileSync(path.join(this.root, name), content);
  }

  /** The version of a launch template that names this archive. */
  release(archive) {
    const sha = checksum(archive);
    const key = /^MACHINE_RELEASE_KEY=(.*)$/m.exec(this.read('etc/tidelog/machine.env'))[1];
    this.replace('etc/tidelog/machine.env', this.read('etc/tidelog/machine.env')
      .replace(/^MACHINE_RELEASE_SHA256=.*$/m, `MACHINE_RELEASE_SHA256=${sha}`)
      .replace(/^MACHINE_RELEASE_VERSION=.*$/m, `MACHINE_RELEASE_VERSION=${sha.slice(0, 32)}`));
    fs.mkdirSync(file('objects', path.dirname(key)), { recursive: true });
    const object = file('objects', `${key}.${sha.slice(0, 32)}`);
    if (!fs.existsSync(object)) fs.copyFileSync(archive, object);
    return this;
  }

  /** What is this machine's alone and not AWS's: where S3 is, who one is there, how much memory there is. */
  local(variables) {
    fs.writeFileSync(path.join(this.root, 'etc/tidelog/rehearsal.env'), Object.entries(variables).map(([k, v]) => `${k}=${v}\n`).join(''));
    fs.writeFileSync(path.join(this.root, 'etc/systemd/system/tidelog.service.d/rehearsal.conf'), '[Service]\nEnvironmentFile=/etc/tidelog/rehearsal.env\n');
    return this;
  }

  start(unit) {
    const log = fs.openSync(path.join(this.root, 'log'), 'a');
    this.service = spawn('nsenter', [`--net=/run/netns/${this.name}`, 'unshare', '--mount', '--propagation', 'private',
      path.join(__dirname, 'machine.sh'), this.root, path.join(__dirname, 'unit.sh'), unit], { detached: true, stdio: ['ignore', log, log] });
    return this;
  }

  /** A command in the running machine, which is not waited for longer than these seconds. */
  exec(seconds, ...command) {
    return run('nsenter', ['-t', String(this.service.pid), '--net', '--mount', 'timeout', '-k', '5', String(seconds), ...command], { PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin' });
  }

  /** The service's exit status, once it and its machine have ended. */
  async status() {
    await until(`${this.name} ends`, () => !isRunning(this.service), 60);
    return this.read('run/unit.status').trim();
  }

  runs(archive) {
    return fs.readlinkSync(path.join(this.root, 'opt/tidelog/current')).endsWith(checksum(archive).slice(0, 16));
  }

  /** The power is off, and so is the network: nobody is told. */
  vanish() {
    ip(`link set ${this.link} down`);
    process.kill(-this.service.pid, 'SIGKILL');
  }
}

/** What a gateway says when the load balancer asks, 0 for nothing. */
const ready = (gateway) => new Promise((resolve) => {
  http.get({ host: gateway.address, port: 8081, path: '/health/ready', timeout: 2_000 }, (response) => {
    response.resume();
    resolve(response.statusCode);
  }).on('timeout', function () { this.destroy(); }).on('error', () => resolve(0));
});

/** A load balancer's node in a zone: TCP to a gateway of that zone that says it is ready. */
class Balancer {
  constructor(zone) {
    Object.assign(this, { zone, targets: new Map(), taken: 0 });
    ip(`addr add ${address(zone, balancerHost)}/32 dev br0`);
    this.server = net.createServer((client) => {
      const target = [...this.targets].find(([, healthy]) => healthy)?.[0];
      if (!target) { client.destroy(); return; }
      this.taken++;
      const gateway = net.connect(9092, target);
      for (const [from, to] of [[client, gateway], [gateway, client]]) {
        from.pipe(to);
        from.on('error', () => to.destroy());
        from.on('close', () => to.destroy());
      }
    }).listen(9092, address(zone, balancerHost));
    this.timer = setInterval(() => this.targets.forEach((_, target) => this.check(target)), 500);
  }

  async check(target) {
    const status = await ready({ address: target });
    if (this.targets.has(target)) this.targets.set(target, status === 200);
  }

  healthy(gateway) { return this.targets.get(gateway.address) === true; }
}

/** Kafka's own VerifiableProducer or VerifiableConsumer, which write what happens to them as lines of JSON. */
class Client {
  constructor(machine, name, args) {
    this.events = [];
    this.err = fs.openSync(file(`${name}.err`), 'w');
    this.process = spawn('nsenter', [`--net=/run/netns/${machine.name}`, 'unshare', '--mount', '--propagation', 'private',
      path.join(__dirname, 'machine.sh'), machine.root, ...tool(name, args)], { detached: true, stdio: ['ignore', 'pipe', this.err] });
    this.process.on('close', () => { this.closed = true; });
    let rest = '';
    this.process.stdout.on('data', (d) => {
      const lines = (rest + d).split('\n');
      rest = lines.pop();
      for (const line of lines) if (line.startsWith('{')) this.events.push(JSON.parse(line));
    });
  }

  /** Waits until it has ended and all it wrote is here. */
  async end(seconds = 60) {
    await until(`${this.process.spawnargs.at(-1)} ends`, () => this.closed, seconds);
    return this.process.exitCode;
  }

  all(name) { return this.events.filter((e) => e.name === name); }

  count(name) { return this.all(name).length; }
}

const tool = (name, args) => [java, '-Xmx128m', '-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1', `-Dlog4j2.configurationFile=${file('log4j2.xml')}`,
  '-cp', `${kafka}/*`, `org.apache.kafka.tools.${name}`, ...args];

function standIns() {
  const stand = (name, text) => write(`stand-ins/${name}`, `#!/bin/bash\n${text}`, 0o755);
  // Parameters are what pki.sh made, objects are kept by their version, hooks are written down.
  stand('aws', `case "$1 $2" in
  'ssm get-parameters-by-path')
    role=\${4##*/}
    for name in ca.pem node.pem node.key; do
      jq -n --arg name "$4/$name" --rawfile value "${file('pki')}/$role/$name" '[$name, $value]'
    done | jq -s .
    ;;
  's3api get-object') cp "${file('objects')}/$6.$8" "$9" ;;
  autoscaling*) echo "$*" >> ${file('calls')} ;;
  *) echo "nobody plays: aws $*" >&2; exit 1 ;;
esac
`);
  stand('rpm', 'exit 0\n');
  stand('systemctl', `if [ "$1 $2" = 'stop tidelog.service' ]; then
  kill -TERM "$(cat /run/unit.pid)"
  while [ -e /run/unit.pid ]; do sleep 0.1; done
fi
`);
}

/** Archives as the artifact bucket has them: etcd, the release, and the next one. */
async function archives() {
  const etcd = file('etcd-release/etcd');
  fs.mkdirSync(etcd, { recursive: true });
  for (const command of ['etcd', 'etcdctl']) {
    fs.copyFileSync(spawnSync('sh', ['-c', `readlink -f "$(command -v ${command})"`], { encoding: 'utf8' }).stdout.trim(), path.join(etcd, command));
  }
  const pack = async (folder, archive) => {
    const r = await run('tar', ['-czf', archive, '-C', path.dirname(folder), path.basename(folder)]);
    assert.strictEqual(r.status, 0, r.err);
    return archive;
  };
  fs.mkdirSync(file('next'));
  assert.strictEqual((await run('tar', ['-xzf', release, '-C', file('next')])).status, 0);
  const [top] = fs.readdirSync(file('next'));
  fs.writeFileSync(file('next', top, 'NEXT'), 'the next release\n');
  return { etcd: await pack(etcd, file('etcd.tar.gz')), now: release, next: await pack(file('next', top), file('next.tar.gz')) };
}

async function startS3(bucket) {
  fs.mkdirSync(file('s3/buckets', bucket), { recursive: true });
  write('s3/logback.xml', '<configuration><root level="OFF"/></configuration>');
  const settings = write('s3/conf', `s3proxy.authorization=none\ns3proxy.endpoint=http://${here}:9000\njclouds.provider=filesystem\njclouds.filesystem.basedir=${file('s3/buckets')}\n`);
  state.s3 = spawn(java, ['-Xmx192m', '-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1', `-Dlogback.configurationFile=${file('s3/logback.xml')}`, '-jar', s3proxy, '--properties', settings], { stdio: 'ignore' });
}

const state = {};
let archive;

/** A node of a group as its launch template makes it, and what is not AWS's here. */
function node(name, zone, host, template, which) {
  return new Machine(name, zone, host, template).release(which).local({
    TIDELOG_S3_ENDPOINT: `http://${here}:9000`, AWS_ACCESS_KEY_ID: 'rehearsal', AWS_SECRET_ACCESS_KEY: 'rehearsal', TIDELOG_OPTS: '-Xmx320m',
  }).start('tidelog.service');
}

const hot = (name, zone, host, which) => node(name, zone, host, 'module.hot.aws_launch_template.this', which);

const balancer = (zone) => balancers.find((b) => b.zone === zone);

function gateway(name, zone, host, which) {
  const machine = node(name, zone, host, 'module.gateway.aws_launch_template.this', which);
  balancer(zone).targets.set(machine.address, false);
  return machine;
}

/** The timer's look at the hooks, until what it is to say has been said; what the looks printed. */
async function answered(machine, hook, seconds) {
  let printed = '';
  await until(`${machine.name} answers ${hook}`, async () => {
    if (isRunning(machine.service)) {
      const look = await machine.exec(seconds, 'env', 'STATE_DIRECTORY=/run', '/usr/local/sbin/tidelog-lifecycle');
      printed += look.out + look.err;
    }
    return fs.existsSync(file('calls')) && fs.readFileSync(file('calls'), 'utf8').split('\n').some((l) => l.includes('complete-lifecycle-action') && l.includes(`-name ${hook} `) && l.endsWith(`i-${machine.name}`));
  }, seconds);
  return printed;
}

async function start() {
  spawnSync('mount', ['-t', 'tmpfs', 'tmpfs', '/run']);
  ip('link set lo up', 'link add br0 type bridge', `addr add ${here}/16 dev br0`, 'addr add 169.254.169.254/32 dev br0', 'link set br0 up');
  standIns();
  archive = await archives();
  const certificates = await run('bash', [path.join(__dirname, '../../../terraform/scripts/pki.sh'), 'create', file('pki'), zones.map((z) => address(z, etcdHost)).join(',')], { HOME: work });
  assert.strictEqual(certificates.status, 0, certificates.err);
  const asks = (what) => (request) => what(machines.get(request.socket.remoteAddress));
  await serve(metadata({
    'placement/availability-zone': asks((m) => m.zone),
    'local-ipv4': asks((m) => m.address),
    'instance-id': asks((m) => `i-${m.name}`),
    'autoscaling/target-lifecycle-state': asks((m) => m.lifecycle),
  }), 80, '169.254.169.254');
  zones.forEach((zone) => balancers.push(new Balancer(zone)));
  await startS3(outputs.cold_bucket);

  // Each kind waits for the next one.
  state.gateways = [gateway('gateway-a', zones[0], 50, archive.now), gateway('gateway-b', zones[1], 50, archive.now)];
  state.hot = zones.map((zone, i) => hot(`hot-${i}`, zone, 40, archive.now));
  await until('gateways and hot nodes wait for etcd', () => [...state.gateways, ...state.hot].every((m) => m.read('log').includes('waiting for it')), 120);
  assert.deepStrictEqual((await Promise.all(state.gateways.map(ready))).filter((status) => status === 200), [], 'nobody is ready without etcd');
  state.etcd = zones.map((zone, i) => new Machine(`etcd-${i}`, zone, etcdHost, `module.etcd.aws_instance.this_${zone}`).release(archive.etcd).start('etcd.service'));
  await Promise.all(state.hot.map((machine) => answered(machine, 'ready', 120)));
  await until('both gateways are healthy', () => state.gateways.every((m) => balancer(m.zone).healthy(m)), 120);
}

async function load() {
  write('log4j2.xml', '<Configuration><Appenders><Console name="E" target="SYSTEM_ERR"><PatternLayout pattern="%d{ISO8601} %p %c{1} %m%n"/></Console></Appenders><Loggers><Root level="warn"><AppenderRef ref="E"/></Root></Loggers></Configuration>');
  // What every producer has by default; this tool would give up at the first error.
  const settings = write('client.properties', `${outputs.client_properties}retries=2147483647\n`);
  state.client = new Machine('client', zones[2], 100);
  const bootstrap = ['--bootstrap-server', outputs.bootstrap_servers];
  const created = new Client(state.client, 'TopicCommand', [...bootstrap, '--create', '--topic', topic, '--partitions', '6', '--replication-factor', '3']);
  assert.strictEqual(await created.end(), 0, 'the topic is created');
  state.producer = new Client(state.client, 'VerifiableProducer', [...bootstrap, '--topic', topic, '--throughput', String(records), '--acks', '-1', '--command-config', settings]);
  state.consumer = new Client(state.client, 'VerifiableConsumer', [...bootstrap, '--topic', topic, '--group-id', 'rehearsal', '--verbose', '--reset-policy', 'earliest']);
  await grows();
}

/** The clients go on. */
async function grows(seconds = 60) {
  const [sent, got] = [state.producer.count('producer_send_success'), state.consumer.count('record_data')];
  await until('records go through', () => state.producer.count('producer_send_success') > sent + 2 * records && state.consumer.count('record_data') > got + 2 * records, seconds);
}

function faultless() {
  const errors = state.producer.all('producer_send_error');
  assert.deepStrictEqual(errors.slice(0, 3), [], `${errors.length} sends failed`);
  assert.ok(isRunning(state.producer.process) && isRunning(state.consumer.process), 'both clients run');
}

/** The longest time without an acknowledgement since the moment given, ms. */
function longestSilence(since) {
  const times = [since, ...state.producer.all('producer_send_success').map((e) => e.timestamp).filter((at) => at > since)];
  return Math.max(...times.slice(1).map((at, i) => at - times[i]));
}

/** As the groups' refreshes do it: a new machine first, then an old one leaves. */
async function upgrade() {
  const began = Date.now();
  for (const [i, old] of state.hot.entries()) {
    const fresh = hot(`hot-${i}-next`, old.zone, 41, archive.next);
    await answered(fresh, 'ready', 120);
    old.lifecycle = 'Terminated';
    const printed = await answered(old, 'drain', 240);
    assert.doesNotMatch(printed, /drain ended with|not empty|nothing to drain/);
    assert.match(printed, /drained and stopped/);
    assert.strictEqual(await old.status(), '143');
    assert.ok(old.runs(archive.now) && fresh.runs(archive.next));
    state.hot[i] = fresh;
    await grows();
    faultless();
  }
  for (const [i, old] of state.gateways.entries()) {
    const fresh = gateway(`${old.name}-next`, old.zone, 51, archive.next);
    await until(`${fresh.name} is healthy`, () => balancer(fresh.zone).healthy(fresh), 120);
    old.service.kill('SIGTERM');
    assert.strictEqual(await old.status(), '143');
    balancer(old.zone).targets.delete(old.address);
    assert.ok(fresh.runs(archive.next));
    state.gateways[i] = fresh;
    await grows();
    faultless();
  }
  const silence = longestSilence(began);
  assert.ok(silence < 15_000, `${silence} ms without an acknowledgement`);
  return `5 nodes in ${Math.round((Date.now() - began) / 1000)} s, at most ${silence} ms between two acknowledgements`;
}

async function zone() {
  const lost = zones[1];
  ip(`addr del ${address(lost, balancerHost)}/32 dev br0`);
  for (const machine of machines.values()) if (machine.zone === lost && isRunning(machine.service)) machine.vanish();
  const began = Date.now();
  await grows(120);
  faultless();
  process.kill(-state.producer.process.pid, 'SIGTERM');
  await state.producer.end();
  const sent = state.producer.all('producer_send_success');
  assert.deepStrictEqual(state.producer.all('producer_send_error').slice(0, 3), []);
  const values = new Set(sent.map((e) => e.value));
  assert.strictEqual(values.size, sent.length);
  await until('all that was acknowledged is read', () => {
    const read = new Set(state.consumer.all('record_data').map((e) => e.value));
    return sent.every((e) => read.has(e.value));
  }, 60);
  faultlessOrder(sent, state.consumer.all('record_data'));
  return `${sent.length} records acknowledged in all, at most ${longestSilence(began)} ms between two acknowledgements`;
}

/** Each record in one place only, and those of a partition in the order in which they were sent. */
function faultlessOrder(sent, read) {
  const places = new Map();
  const last = new Map();
  for (const e of read) {
    const place = `${e.partition}@${e.offset}`;
    assert.strictEqual(places.get(e.value) ?? place, place, `record ${e.value} is there twice`);
    if (!places.has(e.value)) {
      assert.ok(Number(e.value) > (last.get(e.partition) ?? -1), `record ${e.value} of partition ${e.partition} came after ${last.get(e.partition)}`);
      last.set(e.partition, Number(e.value));
    }
    places.set(e.value, place);
  }
  for (const e of sent) assert.strictEqual(places.get(e.value), `${e.partition}@${e.offset}`, `record ${e.value} is where the producer was told`);
}

async function end() {
  balancers.forEach((b) => clearInterval(b.timer));
  const all = [...machines.values()].map((m) => m.service).concat([state.producer, state.consumer].map((c) => c?.process), state.s3).filter(isRunning);
  for (const child of all) {
    // Machines and clients lead groups of their own.
    try { process.kill(child === state.s3 ? child.pid : -child.pid, 'SIGKILL'); } catch (e) { if (e.code !== 'ESRCH') throw e; }
  }
  await until('all has ended', () => !all.some(isRunning));
}

// The first process of a namespace has no default for these.
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => process.exit(1));
play([start, load, upgrade, zone], end, { oneStory: true }).then((status) => process.exit(status));
