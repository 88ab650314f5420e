'use strict';
// Plays machines of mocked deployments on loopback, from the very files that their user data writes: the
// settings of all of them, which a release reads; of one deployment what its machines say of themselves,
// lifecycle hooks, an operator's scripts, and three etcd members with mutual TLS, a snapshot, the loss of a
// member and the restore of all. The commands aws, terraform and systemctl are stand-ins that write down
// what they are asked; etcd is the real one. Needs bash, curl, jq, openssl, etcd, etcdctl and a JDK 25.
//   node bin/tfcheck.js --machines DIR ../../terraform
//   node rehearsal/machines.js DIR RELEASE.tar.gz
const assert = require('node:assert');
const { spawn, spawnSync } = require('child_process');
const fs = require('fs');
const path = require('path');

const { work, file, write, serve, metadata, run, until, play } = require('./stage');

const scripts = path.join(__dirname, '..', '..', '..', 'terraform', 'scripts');
const [rendered, release] = process.argv.slice(2).map((p) => path.resolve(p));
const machine = (name) => path.join(rendered, 'rehearsal/loopback', name);
const children = [];

const variables = (text) => Object.fromEntries(text.trim().split('\n').map((l) => [l.slice(0, l.indexOf('=')), l.slice(l.indexOf('=') + 1)]));
const calls = () => (fs.existsSync(file('calls')) ? fs.readFileSync(file('calls'), 'utf8').trim().split('\n').filter(Boolean) : []);
const forget = () => fs.rmSync(file('calls'), { force: true });

function standIns() {
  write('bin/aws', `#!/bin/bash
echo "aws $*" >> "$WORK/calls"
if [ -e "$WORK/aws-fails" ]; then cat "$WORK/aws-fails" >&2; exit 254; fi
if [ "$1 $2" = "s3 cp" ]; then
  at() { case "$1" in s3://*) echo "$WORK/s3/\${1#s3://}" ;; *) echo "$1" ;; esac; }
  mkdir -p "$(dirname "$(at "$5")")"
  cp "$(at "$4")" "$(at "$5")"
fi
`, 0o755);
  write('bin/systemctl', '#!/bin/bash\necho "systemctl $*" >> "$WORK/calls"\n', 0o755);
}

/** What every node of every deployment is told, a release takes for its settings. */
async function settings() {
  fs.mkdirSync(file('release'));
  assert.strictEqual((await run('tar', ['-xzf', release, '-C', file('release'), '--strip-components=1'])).status, 0);
  const read = (env) => run(file('release/bin/tidelog'), ['start', '--dry-run'], env);
  const imds = await serve(metadata({ 'placement/availability-zone': 'eu-central-1a', 'local-ipv4': '127.0.0.21', 'instance-id': 'i-0123' }));
  const told = new Set();
  const nodes = fs.readdirSync(rendered, { recursive: true }).filter((name) => /^(cluster|rehearsal)\/[^/]+\/[^/]+\/etc\/tidelog\/node\.env$/.test(name));
  for (const node of nodes) {
    const root = path.join(rendered, node, '../../..');
    const own = await run('bash', [path.join(root, 'usr/local/sbin/tidelog-bootstrap'), 'addresses'], { MACHINE_METADATA: imds.url, MACHINE_ENV: path.join(root, 'etc/tidelog/machine.env') });
    assert.strictEqual(own.status, 0, `${node}: ${own.err}`);
    const text = fs.readFileSync(path.join(rendered, node), 'utf8') + own.out;
    if (told.has(text)) continue;
    told.add(text);
    const answer = await read(variables(text));
    assert.strictEqual(answer.status, 0, `${node}: ${answer.err}`);
  }
  imds.close();
  assert.ok(told.size > 5, nodes);
  const odd = await read({ ...variables([...told][0]), TIDELOG_NO_SUCH_SETTING: '1' });
  assert.notStrictEqual(odd.status, 0, 'what no setting has is refused');
  return `${told.size} different ones`;
}

async function addresses() {
  const ask = async (name, zone) => {
    const imds = await serve(metadata({ 'placement/availability-zone': zone, 'local-ipv4': '127.0.0.21', 'instance-id': 'i-0123' }));
    const r = await run('bash', [path.join(machine(name), 'usr/local/sbin/tidelog-bootstrap'), 'addresses'],
      { MACHINE_METADATA: imds.url, MACHINE_ENV: path.join(machine(name), 'etc/tidelog/machine.env') });
    imds.close();
    return r;
  };
  assert.strictEqual((await ask('module.gateway.aws_launch_template.this', 'eu-central-1b')).out, [
    'TIDELOG_ZONE=eu-central-1b', 'TIDELOG_NODE_NAME=i-0123', 'TIDELOG_LISTENERS=PLAINTEXT://127.0.0.21:9092',
    'TIDELOG_ADVERTISED_LISTENERS=PLAINTEXT://eu-central-1b.kafka.rehearsal:9092', 'TIDELOG_HEALTH_LISTENER=127.0.0.21:8081', ''].join('\n'));
  assert.strictEqual((await ask('module.hot.aws_launch_template.this', 'eu-central-1a')).out,
    'TIDELOG_ZONE=eu-central-1a\nTIDELOG_INTERNAL_HOST=127.0.0.21\nTIDELOG_REPLICATION_HOST=127.0.0.21\n');
  const elsewhere = await ask('module.gateway.aws_launch_template.this', 'eu-central-1d');
  assert.notStrictEqual(elsewhere.status, 0, 'a gateway in an unknown zone must not start');
  assert.match(elsewhere.err, /no advertised name for zone eu-central-1d/);
  // advertise = "direct"
  const env = fs.readFileSync(path.join(machine('module.gateway.aws_launch_template.this'), 'etc/tidelog/machine.env'), 'utf8');
  const imds = await serve(metadata({ 'placement/availability-zone': 'eu-central-1c', 'local-ipv4': '127.0.0.22', 'instance-id': 'i-4567' }));
  const direct = await run('bash', [path.join(machine('module.gateway.aws_launch_template.this'), 'usr/local/sbin/tidelog-bootstrap'), 'addresses'],
    { MACHINE_METADATA: imds.url, MACHINE_ENV: write('direct.env', env.replace(/^MACHINE_ADVERTISED=.*$/m, 'MACHINE_ADVERTISED=')) });
  imds.close();
  assert.match(direct.out, /^TIDELOG_ADVERTISED_LISTENERS=PLAINTEXT:\/\/127\.0\.0\.22:9092$/m);
}

async function lifecycle() {
  const hot = machine('module.hot.aws_launch_template.this');
  const target = { state: 'InService' };
  const health = { status: 503 };
  const imds = await serve({
    '/latest/api/token': () => [200, 'a-token'],
    '/latest/meta-data/instance-id': 'i-hot',
    '/latest/meta-data/autoscaling/target-lifecycle-state': () => [200, target.state],
  });
  const admin = await serve({ '/health/ready': () => [health.status, ''] });
  const env = fs.readFileSync(path.join(hot, 'etc/tidelog/machine.env'), 'utf8');
  const look = (more = {}) => run('bash', [path.join(hot, 'usr/local/sbin/tidelog-lifecycle')], {
    MACHINE_METADATA: imds.url, MACHINE_ADMIN: admin.url, MACHINE_DATA: file('data'), STATE_DIRECTORY: file('lifecycle'),
    MACHINE_ENV: write('hot.env', env.replace(/^MACHINE_RELEASE_DIR=.*$/m, `MACHINE_RELEASE_DIR=${file('opt')}`).replace(/^MACHINE_DRAIN_SECONDS=.*$/m, `MACHINE_DRAIN_SECONDS=${more.seconds || 60}`)),
  });
  const complete = (hook) => `aws autoscaling complete-lifecycle-action --lifecycle-action-result CONTINUE --lifecycle-hook-name ${hook} --auto-scaling-group-name orders-hot --instance-id i-hot`;
  const heartbeat = 'aws autoscaling record-lifecycle-action-heartbeat --lifecycle-hook-name drain --auto-scaling-group-name orders-hot --instance-id i-hot';
  fs.mkdirSync(file('lifecycle'));
  forget();

  assert.strictEqual((await look()).status, 0);
  assert.deepStrictEqual(calls(), [], 'a node that is not ready is not in service');
  health.status = 200;
  write('aws-fails', 'An error occurred (Throttling)');
  assert.strictEqual((await look()).status, 1, 'a hook that cannot be answered is tried again');
  fs.rmSync(file('aws-fails'));
  forget();
  assert.strictEqual((await look()).status, 0);
  assert.strictEqual((await look()).status, 0);
  assert.deepStrictEqual(calls(), [complete('ready')], 'it is said once');
  forget();
  fs.rmSync(file('lifecycle/in-service'));
  write('aws-fails', 'An error occurred (ValidationError): No active Lifecycle Action found with instance ID i-hot');
  assert.strictEqual((await look()).status, 0, 'a machine without a hook that waits');
  fs.rmSync(file('aws-fails'));
  forget();

  target.state = 'Terminated';
  write('data/node.properties', 'cluster.id=c\nnode.id=7\ndisk.id=d\ncrc=0\n');
  write('opt/current/bin/tidelog', '#!/bin/bash\necho "tidelog $*" >> "$WORK/calls"\n', 0o755);
  assert.strictEqual((await look()).status, 0);
  assert.strictEqual((await look()).status, 0);
  const drained = calls();
  assert.ok(drained.includes('tidelog admin drain 7'), drained);
  assert.deepStrictEqual(drained.slice(-2), ['systemctl stop tidelog.service', complete('drain')], 'first empty, then stopped, then gone');
  forget();
  fs.rmSync(file('lifecycle/left'));
  write('opt/current/bin/tidelog', '#!/bin/bash\nexec sleep 60\n', 0o755);
  assert.strictEqual((await look({ seconds: 2 })).status, 0, 'a drain that never ends does not keep the machine for ever');
  assert.deepStrictEqual(calls(), [heartbeat, 'systemctl stop tidelog.service', complete('drain')]);
  forget();
  fs.rmSync(file('lifecycle/left'));
  fs.rmSync(file('data/node.properties'));
  assert.strictEqual((await look()).status, 0);
  assert.deepStrictEqual(calls(), ['systemctl stop tidelog.service', complete('drain')], 'a node that never joined has nothing to drain');
  imds.close();
  admin.close();
}

/** The scripts of an operator, on a cluster that stand-ins of terraform and aws pretend. */
async function operator() {
  fs.cpSync(scripts, file('operator/scripts'), { recursive: true });
  write('operator/operations.json', JSON.stringify({
    name: 'orders', region: 'eu-central-1', bucket: 'artifacts', key: 'alias/orders', hot_group: 'orders-hot', gateway_group: 'orders-gateway',
    etcd: Object.fromEntries(['a', 'b', 'c'].map((z, i) => [`eu-central-1${z}`, { name: `etcd${i}`, instance: `i-e${i}`, address: `10.0.${i}.20` }])),
  }));
  write('operator/bin/terraform', '#!/bin/bash\nif [ "$2" = output ]; then cat "$WORK/operator/operations.json"; else echo "terraform ${*:2}" >> "$WORK/calls"; fi\n', 0o755);
  // What a call prints is a file named after it, of which each call takes a line when it is a list.
  write('operator/bin/aws', `#!/bin/bash
echo "aws $*" | tr '\\n' ' ' | sed 's/ $/\\n/' >> "$WORK/calls"
answer=$WORK/operator/answers/$2
case "$*" in *DesiredCapacity*) answer=$WORK/operator/answers/desired ;; esac
if [ -e "$answer.list" ]; then
  head -n 1 "$answer.list"
  sed -i 1d "$answer.list"
elif [ -e "$answer" ]; then cat "$answer"
fi
`, 0o755);
  const answer = (name, text) => write(`operator/answers/${name}`, text);
  const call = (script, ...args) => run('bash', [file('operator/scripts', script), ...args],
    { PATH: `${file('operator/bin')}:${process.env.PATH}`, HOME: work, POLL_SECONDS: '0' });
  const did = (...words) => calls().findIndex((c) => words.every((w) => c.includes(w)));
  const inOrder = (...steps) => steps.reduce((after, words) => {
    const at = calls().findIndex((c, i) => i > after && words.every((w) => c.includes(w)));
    assert.ok(at > after, `not done, or too early: ${words.join(' ')}\n${calls().join('\n')}`);
    return at;
  }, -1);
  answer('send-command', 'command-1\n');
  answer('list-commands', 'Success\n');
  answer('list-command-invocations', '{"CommandInvocations": []}');
  answer('describe-auto-scaling-groups', ['a', 'b', 'c', 'a'].map((z, i) => `i-${i}\teu-central-1${z}\tInService\n`).join(''));
  answer('describe-instance-information', 'Online\n');

  forget();
  const pki = await call('pki.sh');
  assert.strictEqual(pki.status, 0, pki.err);
  assert.strictEqual(calls().length, 9);
  for (const c of calls()) assert.match(c, /^aws ssm put-parameter --name \/orders\/(etcd|hot|gateway)\/(ca\.pem|node\.pem|node\.key) --type SecureString --overwrite --key-id alias\/orders --value file:\/\//);

  forget();
  answer('desired', '4\n');
  assert.notStrictEqual((await call('drain-hot.sh', 'i-3')).status, 0, 'no node is drained that is to be there');
  assert.notStrictEqual((await call('drain-hot.sh', 'i-9')).status, 0, 'nor one of another group');
  assert.strictEqual(did('send-command'), -1);
  answer('desired', '3\n');
  const drain = await call('drain-hot.sh', 'i-3');
  assert.strictEqual(drain.status, 0, drain.err);
  inOrder(['send-command', '--instance-ids i-3', 'admin drain'], ['set-instance-protection', '--instance-ids i-3', '--no-protected-from-scale-in']);
  forget();
  answer('list-commands', 'Failed\n');
  assert.notStrictEqual((await call('drain-hot.sh', 'i-3')).status, 0);
  assert.strictEqual(did('set-instance-protection'), -1, 'a node that is not empty stays protected');
  answer('list-commands', 'Success\n');

  forget();
  answer('describe-auto-scaling-groups', ['a', 'b', 'c'].map((z, i) => `i-${i}\teu-central-1${z}\tInService\n`).join(''));
  const refreshes = (...all) => answer('describe-instance-refreshes.list', all.map((l) => `${l}\n`).join(''));
  refreshes('r1\tSuccessful\t100', 'r2\tInProgress\t50', 'r2\tSuccessful\t100', 'None', 'None');
  const upgrade = await call('upgrade.sh', '-var-file=env/prod.tfvars');
  assert.strictEqual(upgrade.status, 0, upgrade.err);
  inOrder(['terraform apply -target=module.hot -var-file'], ['terraform apply -target=module.gateway -var-file'], ['terraform apply -var-file']);
  forget();
  refreshes('r3\tInProgress\t50', 'r3\tInProgress\t80', 'r3\tSuccessful\t100', 'None', 'None');
  const again = await call('upgrade.sh', '-var-file=env/prod.tfvars');
  assert.strictEqual(again.status, 0, again.err);
  assert.match(again.err, /orders-hot: InProgress 80 %[^]*orders-hot: Successful 100 %[^]*orders-gateway: nothing/, 'a refresh that goes on since an earlier run is waited for');
  forget();
  refreshes('r2\tSuccessful\t100', 'r3\tRollbackInProgress\t60', 'r3\tRollbackSuccessful\t100');
  assert.notStrictEqual((await call('upgrade.sh', '-var-file=env/prod.tfvars')).status, 0, 'a refresh that was rolled back is a failure');
  assert.strictEqual(did('module.gateway'), -1, 'gateways are not touched then');
  refreshes('r3\tSuccessful\t100', 'r4\tSuccessful\t100');
  answer('describe-auto-scaling-groups', ['a', 'a', 'c'].map((z, i) => `i-${i}\teu-central-1${z}\tInService\n`).join(''));
  assert.match((await call('upgrade.sh', '-var-file=env/prod.tfvars')).err, /not as many nodes in each zone/);

  forget();
  const replace = await call('etcd-replace.sh', 'eu-central-1b', '-var-file=env/prod.tfvars');
  assert.strictEqual(replace.status, 0, replace.err);
  inOrder(['send-command', '--instance-ids i-e0', 'endpoint health'], ['terraform apply', '-replace=module.etcd.aws_instance.this["eu-central-1b"]'],
    ['send-command', '--instance-ids i-e0', 'endpoint health --cluster']);
  assert.strictEqual(did('aws_ebs_volume'), -1, 'the disk stays');
  forget();
  const disk = await call('etcd-replace.sh', '--new-disk', 'eu-central-1a', '-var-file=env/prod.tfvars');
  assert.strictEqual(disk.status, 0, disk.err);
  inOrder(['--instance-ids i-e1', 'member remove', 'member add etcd0 --peer-urls=https://10.0.0.20:2380'], ['-replace=module.etcd.aws_ebs_volume.this["eu-central-1a"]'],
    ['--instance-ids i-e0', 'ETCD_INITIAL_CLUSTER_STATE=existing']);
  forget();
  answer('list-commands', 'Failed\n');
  assert.notStrictEqual((await call('etcd-replace.sh', 'eu-central-1b', '-var-file=env/prod.tfvars')).status, 0);
  assert.strictEqual(did('terraform apply'), -1, 'no member is replaced while another is unhealthy');
  answer('list-commands', 'Success\n');

  forget();
  answer('list-objects-v2', JSON.stringify({ Contents: [...Array(30).keys()].flatMap((i) => [`${i}.db`, `${i}.db.sha256`].map((name) => ({ Key: `etcd/etcd1/${name}`, LastModified: `2026-11-22T10:${String((i * 7) % 30).padStart(2, '0')}:00Z`, Size: i }))) }));
  const listed = (await call('restore.sh')).out.trim().split('\n');
  assert.strictEqual(listed.length, 20);
  assert.strictEqual(listed.at(-1), '2026-11-22T10:29:00Z\t17\ts3://artifacts/etcd/etcd1/17.db', 'the newest last');
  const restored = await call('restore.sh', 's3://artifacts/etcd/etcd1/20261122T100000Z.db');
  assert.strictEqual(restored.status, 0, restored.err);
  const nodes = '--instance-ids i-0 i-1 i-2 i-0 i-1 i-2';
  inOrder(['suspend-processes', 'orders-gateway'], ['suspend-processes', 'orders-hot'], [nodes, 'systemctl stop tidelog'],
    ['--instance-ids i-e0 i-e1 i-e2', 'tidelog-etcd-restore s3://artifacts/etcd/etcd1/20261122T100000Z.db'], ['--instance-ids i-e0', 'endpoint health --cluster'],
    [nodes, 'systemctl start'], [nodes, '/health/ready'], ['resume-processes', 'orders-gateway'], ['resume-processes', 'orders-hot']);
  forget();
  assert.notStrictEqual((await call('restore.sh', 's3://artifacts/releases/tidelog.tar.gz')).status, 0, 'that is no snapshot');
  assert.strictEqual(did('suspend-processes'), -1);
}

async function etcd() {
  const names = ['a', 'b', 'c'].map((z) => `module.etcd.aws_instance.this_eu-central-1${z}`);
  // A member looks whether its peer's address is in the peer's certificate, and on loopback all come from 127.0.0.1.
  const pki = await run('bash', [path.join(scripts, 'pki.sh'), 'create', file('pki'), '127.0.0.1,127.0.0.11,127.0.0.12,127.0.0.13'], { HOME: work });
  assert.strictEqual(pki.status, 0, pki.err);
  fs.mkdirSync(file('etcd/current'), { recursive: true });
  const which = (command) => spawnSync('sh', ['-c', `command -v ${command}`], { encoding: 'utf8' }).stdout.trim();
  for (const command of ['etcd', 'etcdctl']) fs.symlinkSync(which(command), file('etcd/current', command));
  // Before 3.5 there was no etcdutl, and etcdctl could not raise revisions.
  if (which('etcdutl')) fs.symlinkSync(which('etcdutl'), file('etcd/current/etcdutl'));
  else write('etcd/current/etcdutl', `#!/bin/bash
args=()
while [ $# -gt 0 ]; do
  case "$1" in --bump-revision) shift ;; --mark-compacted) ;; *) args+=("$1") ;; esac
  shift
done
ETCDCTL_API=3 exec ${which('etcdctl')} "\${args[@]}"
`, 0o755);

  const members = names.map((name) => {
    const at = (text) => text.replaceAll('/etc/tidelog/pki', file('pki/etcd')).replaceAll('/var/lib/tidelog', file(name)).replaceAll('/opt/etcd', file('etcd'));
    const read = (f) => at(fs.readFileSync(path.join(machine(name), 'etc/tidelog', f), 'utf8'));
    fs.mkdirSync(file(name), { recursive: true });
    const text = read('etcd.env');
    return {
      name, env: variables(text),
      MACHINE_ENV: write(`${name}/machine.env`, read('machine.env')), MACHINE_ETCD_ENV: write(`${name}/etcd.env`, text),
    };
  });
  const start = (member) => {
    const log = fs.openSync(file(member.name, 'log'), 'a');
    const env = Object.fromEntries(Object.entries(member.env).filter(([k]) => k.startsWith('ETCD_')));
    member.process = spawn(file('etcd/current/etcd'), [], { env: { PATH: process.env.PATH, ...env }, stdio: ['ignore', log, log] });
    children.push(member.process);
  };
  const stop = (member) => new Promise((resolve) => { member.process.on('close', resolve); member.process.kill(); });
  const ctl = (member, ...args) => run(file('etcd/current/etcdctl'), args, member.env);
  const healthy = async (member, ...args) => (await ctl(member, 'endpoint', 'health', ...args)).status === 0;
  const get = async (member, key) => (await ctl(member, 'get', key, '--print-value-only')).out.trim();
  const put = async (member, key, value) => assert.strictEqual((await ctl(member, 'put', key, value)).status, 0);

  members.forEach(start);
  await until('three members are healthy', () => healthy(members[0], '--cluster'));
  const { ETCDCTL_CERT, ETCDCTL_KEY, ...stranger } = members[0].env;
  assert.notStrictEqual((await run(file('etcd/current/etcdctl'), ['get', 'x', '--command-timeout=2s'], stranger)).status, 0, 'nobody without a certificate');
  const hot = { ...members[0].env, ETCDCTL_CERT: file('pki/hot/node.pem'), ETCDCTL_KEY: file('pki/hot/node.key') };
  assert.strictEqual((await run(file('etcd/current/etcdctl'), ['put', 'before', 'kept'], hot)).status, 0, 'hot nodes have one that holds');

  forget();
  const backup = await run('bash', [path.join(machine(names[1]), 'usr/local/sbin/tidelog-etcd-backup')], { ...members[1].env, MACHINE_ENV: members[1].MACHINE_ENV });
  assert.strictEqual(backup.status, 0, backup.err);
  const saved = calls().find((c) => c.endsWith('.db'));
  const snapshot = saved.slice(saved.indexOf('s3://'));
  assert.match(snapshot, /^s3:\/\/orders-artifacts-111122223333-eu-central-1\/etcd\/etcd1\/\d{8}T\d{6}Z\.db$/);
  assert.match(calls().at(-1), /^aws cloudwatch put-metric-data --namespace tidelog\/orders --metric-name etcd_snapshots_saved /);

  await put(members[0], 'after', 'lost');
  await stop(members[2]);
  await until('two members serve on', async () => await get(members[0], 'before') === 'kept');
  start(members[2]);
  await until('the third is back', () => healthy(members[0], '--cluster'));

  await Promise.all(members.map(stop));
  const damaged = `${snapshot.slice(0, -3)}x.db`;
  const object = (url) => file('s3', url.slice('s3://'.length));
  fs.writeFileSync(object(damaged), Buffer.concat([fs.readFileSync(object(snapshot)), Buffer.from('x')]));
  fs.writeFileSync(object(`${damaged}.sha256`), fs.readFileSync(object(`${snapshot}.sha256`), 'utf8').replace(path.basename(snapshot), path.basename(damaged)));
  const restore = (member, url) => run('bash', [path.join(machine(member.name), 'usr/local/sbin/tidelog-etcd-restore'), url], { MACHINE_ENV: member.MACHINE_ENV, MACHINE_ETCD_ENV: member.MACHINE_ETCD_ENV });
  forget();
  assert.notStrictEqual((await restore(members[0], damaged)).status, 0, 'a damaged snapshot is refused');
  assert.ok(!calls().some((c) => c.startsWith('systemctl')), 'before anything is stopped');
  for (const member of members) {
    const r = await restore(member, snapshot);
    assert.strictEqual(r.status, 0, r.err);
  }
  members.forEach(start);
  await until('three restored members are healthy', () => healthy(members[0], '--cluster'));
  assert.strictEqual(await get(members[2], 'before'), 'kept');
  assert.strictEqual(await get(members[2], 'after'), '', 'what came after the snapshot is gone');
  assert.ok(fs.readdirSync(file(names[0])).some((n) => n.startsWith('etcd.before-')), 'the replaced data is kept');
  return which('etcdutl') ? 'etcdutl' : 'etcdctl in place of etcdutl';
}

standIns();
play([settings, addresses, lifecycle, operator, etcd], () => children.forEach((c) => c.kill('SIGKILL'))).then((status) => process.exit(status));
