'use strict';
const userdata = require('./userdata');
// Rules that need more than one resource. They read the state that
// `terraform test -json -verbose` prints after a mocked apply, where every
// reference has a value, so resources can be joined on ids.

function resources(module, out = []) {
  for (const r of module?.resources || []) out.push(r);
  for (const child of module?.child_modules || []) resources(child, out);
  return out;
}

/**
 * @param {string} [metrics] a text that names every metric there is
 * @returns {[{address, id, message, severity}]}
 */
function check(state, metrics) {
  const all = resources(state.root_module || state.values?.root_module);
  const managed = all.filter((r) => r.mode === 'managed');
  const of = (type) => managed.filter((r) => r.type === type);
  const found = [];
  const say = (r, id, message, severity = 'error') => found.push({ address: r.address, id, message: `${r.address}: ${message}`, severity });

  for (const b of of('aws_s3_bucket')) {
    const mine = (type) => of(type).filter((x) => [b.values.id, b.values.bucket, b.values.arn].includes(x.values.bucket));
    const need = { aws_s3_bucket_public_access_block: 'a public access block', aws_s3_bucket_server_side_encryption_configuration: 'default encryption',
      aws_s3_bucket_versioning: 'versioning', aws_s3_bucket_lifecycle_configuration: 'a lifecycle', aws_s3_bucket_policy: 'a policy that refuses plain HTTP' };
    for (const [type, what] of Object.entries(need)) if (!mine(type).length) say(b, 'bucket-complete', `bucket has no ${what} (${type})`);
    for (const p of mine('aws_s3_bucket_policy')) {
      if (!/aws:SecureTransport/.test(p.values.policy || '')) say(b, 'bucket-complete', 'bucket policy does not refuse plain HTTP');
    }
  }
  if (of('aws_vpc').length) {
    const gateway = of('aws_vpc_endpoint').some((e) => /\.s3$/.test(e.values.service_name || '') && (e.values.vpc_endpoint_type || 'Gateway') === 'Gateway');
    if (of('aws_s3_bucket').length && !gateway) say(of('aws_vpc')[0], 's3-gateway-endpoint', 'no S3 gateway endpoint: cold-tier traffic would pay NAT prices');
    for (const n of of('aws_nat_gateway')) say(n, 'nat-cost', 'a NAT gateway costs about 33 USD a month plus traffic', 'warning');
  }
  for (const vpc of of('aws_vpc').filter((v) => v.values.enable_dns_hostnames !== true)) {
    for (const e of of('aws_vpc_endpoint').filter((x) => x.values.private_dns_enabled === true && x.values.vpc_id === vpc.values.id)) {
      say(e, 'private-dns', `private DNS needs enable_dns_hostnames on ${vpc.address}`);
    }
  }
  for (const lb of of('aws_lb')) {
    if (lb.values.enable_deletion_protection !== true) say(lb, 'deletion-protection', 'load balancer has no deletion protection', 'warning');
    if (!of('aws_lb_listener').some((l) => l.values.load_balancer_arn === lb.values.arn)) say(lb, 'lb-listener', 'load balancer has no listener');
  }
  // Terraform destroys what depends on something before it, and stops where something protected refuses.
  const guards = of('aws_lb').filter((lb) => lb.values.enable_deletion_protection === true);
  for (const r of guards.length ? [...of('aws_s3_bucket'), ...of('aws_ebs_volume'), ...of('aws_autoscaling_group').filter((g) => g.values.protect_from_scale_in)] : []) {
    const name = r.address.replace(/\[[^\]]*\]$/, '');
    if (!guards.some((lb) => (lb.depends_on || []).includes(name))) say(r, 'destroyed-unguarded', 'holds data, and nothing protected is destroyed before it');
  }
  for (const tg of of('aws_lb_target_group')) {
    const used = of('aws_lb_listener').some((l) => JSON.stringify(l.values.default_action || []).includes(tg.values.arn))
      || of('aws_lb_listener_rule').some((l) => JSON.stringify(l.values.action || []).includes(tg.values.arn));
    if (!used) say(tg, 'target-group-unused', 'no listener forwards to this target group');
  }
  for (const sg of of('aws_security_group')) {
    if (!managed.some((r) => r !== sg && r.type !== 'aws_security_group' && !/security_group_(rule|ingress|egress)/.test(r.type)
      && JSON.stringify(r.values).includes(JSON.stringify(sg.values.id)))) say(sg, 'security-group-unused', 'nothing uses this security group', 'warning');
  }
  checkMetrics(managed, metrics, say);
  return found;
}

/** A metric that nobody exports makes an empty chart and an alarm that never comes. */
function checkMetrics(managed, metrics, say) {
  const scraped = new Set();
  const machines = managed.filter((x) => x.values.user_data || x.values.user_data_base64);
  if (!machines.length) return; // a part of the whole
  for (const r of machines) {
    const text = userdata.decode(r.values.user_data_base64 || r.values.user_data, r.type === 'aws_launch_template' || !!r.values.user_data_base64);
    for (const m of text.matchAll(/"\^(\w+)\$\\?"/g)) {
      scraped.add(m[1]);
      if (metrics && m[1].startsWith('tidelog_') && !metrics.includes(`\`${m[1]}`)) say(r, 'metric', `nothing exports the metric ${m[1]}`);
    }
    for (const m of text.matchAll(/--metric-name (\w+)/g)) scraped.add(m[1]);
  }
  const watched = (r, name) => {
    if (!scraped.has(name)) say(r, 'metric', `no machine sends the metric ${name}`);
  };
  for (const r of managed.filter((x) => x.type === 'aws_cloudwatch_metric_alarm')) {
    if (!/^AWS\//.test(r.values.namespace || '')) watched(r, r.values.metric_name);
    if (!(r.values.alarm_actions || []).length) say(r, 'alarm-action', 'nobody is told of this alarm', 'warning');
  }
  for (const r of managed.filter((x) => x.type === 'aws_cloudwatch_dashboard')) {
    for (const w of JSON.parse(r.values.dashboard_body).widgets) {
      for (const m of w.properties.metrics || []) if (!/^AWS\//.test(m[0])) watched(r, m[1]);
    }
  }
}

module.exports = { check, resources };
