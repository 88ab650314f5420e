'use strict';
// Rules on single resources. The shim runs them while Terraform validates or
// tests, so values computed from variables are known and a finding carries the
// argument's path, which Terraform turns into file and line.
// A rule gets the configuration (attribute names as in HCL, blocks as arrays)
// and returns findings { id, message, path, severity }.

const fs = require('fs');
const path = require('path');

const RULES = [];
const rule = (id, types, check) => RULES.push({ id, types: [].concat(types), check });
const known = (v) => v !== null && v !== undefined && typeof v !== 'symbol';
const list = (v) => (Array.isArray(v) ? v : []);
const first = (v) => list(v)[0];

function json(text) {
  try { return known(text) ? JSON.parse(text) : null; } catch { return undefined; }
}
function cidr(text) {
  const m = /^(\d+)\.(\d+)\.(\d+)\.(\d+)\/(\d+)$/.exec(text);
  if (!m || m.slice(1, 5).some((o) => +o > 255) || +m[5] > 32) return null;
  const ip = m.slice(1, 5).reduce((n, o) => n * 256 + +o, 0);
  return { bits: +m[5], aligned: ip % 2 ** (32 - m[5]) === 0 };
}

// --- names and values AWS refuses only at apply time -------------------------
function nameRule(type, attribute, pattern, explain) {
  rule('aws-name', type, (c, say) => {
    if (known(c[attribute]) && !pattern.test(c[attribute])) say([attribute], `"${c[attribute]}": ${explain}`);
  });
}
const LB_NAME = /^(?!internal-)(?!-)[A-Za-z0-9-]{1,32}(?<!-)$/;
nameRule('aws_lb', 'name', LB_NAME, 'load balancer names have 1-32 letters, digits or inner hyphens');
nameRule('aws_lb_target_group', 'name', LB_NAME, 'target group names have 1-32 letters, digits or inner hyphens');
nameRule(['aws_lb', 'aws_lb_target_group'], 'name_prefix', /^[A-Za-z0-9-]{1,6}$/, 'at most 6 characters');
nameRule(['aws_iam_role', 'aws_iam_user'], 'name', /^[\w+=,.@-]{1,64}$/, 'IAM role names have at most 64 characters of [A-Za-z0-9_+=,.@-]');
nameRule('aws_iam_role', 'name_prefix', /^[\w+=,.@-]{1,38}$/, 'at most 38 characters');
nameRule(['aws_iam_policy', 'aws_iam_role_policy', 'aws_iam_instance_profile'], 'name', /^[\w+=,.@-]{1,128}$/, 'at most 128 characters of [A-Za-z0-9_+=,.@-]');
nameRule('aws_s3_bucket', 'bucket', /^(?!xn--|sthree-)(?!.*\.\.)[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/, 'bucket names have 3-63 lower-case letters, digits, dots or hyphens');
nameRule('aws_s3_bucket', 'bucket_prefix', /^[a-z0-9][a-z0-9.-]{0,36}$/, 'at most 37 characters');
nameRule(['aws_security_group'], 'name', /^(?!sg-)[\w .:/()#,@[\]+=&;{}!$*-]{1,255}$/, 'up to 255 characters, not starting with sg-');
nameRule('aws_kms_alias', 'name', /^alias\/(?!aws\/)[\w/-]+$/, 'must look like alias/name');
nameRule('aws_ssm_parameter', 'name', /^\/?(?!aws|ssm)[\w./-]{1,1011}$/i, 'letters, digits and _.-/ only, not starting with aws or ssm');
nameRule(['aws_security_group', 'aws_vpc_security_group_ingress_rule', 'aws_vpc_security_group_egress_rule'], 'description',
  /^[\w .:/()#,@[\]+=&;{}!$*-]{0,255}$/, 'descriptions allow only a-z, A-Z, 0-9 and ._-:/()#,@[]+=&;{}!$*');

rule('aws-cidr', ['aws_vpc', 'aws_subnet'], (c, say) => {
  if (!known(c.cidr_block)) return;
  const net = cidr(c.cidr_block);
  if (!net || !net.aligned || net.bits < 16 || net.bits > 28) say(['cidr_block'], `"${c.cidr_block}" is not an aligned /16 to /28 network`);
});
rule('aws-user-data', ['aws_launch_template', 'aws_instance'], (c, say, type) => {
  const encoded = type === 'aws_launch_template' ? c.user_data : c.user_data_base64;
  if (!known(encoded)) return;
  const raw = Buffer.from(encoded, 'base64');
  const compact = encoded.replace(/\s/g, '');
  if (raw.toString('base64').replace(/=+$/, '') !== compact.replace(/=+$/, '')) say(['user_data'], 'user_data of a launch template must be base64');
  else if (raw.length > 16384) say(['user_data'], `user data has ${raw.length} bytes, EC2 takes 16384`);
});
rule('aws-port-range', ['aws_vpc_security_group_ingress_rule', 'aws_vpc_security_group_egress_rule', 'aws_security_group_rule'], (c, say) => {
  if (known(c.from_port) && known(c.to_port) && c.from_port > c.to_port) say(['from_port'], 'from_port is above to_port');
});
rule('aws-asg-size', 'aws_autoscaling_group', (c, say) => {
  if (known(c.min_size) && known(c.max_size) && c.min_size > c.max_size) say(['min_size'], 'min_size is above max_size');
  if (known(c.desired_capacity) && known(c.max_size) && c.desired_capacity > c.max_size) say(['desired_capacity'], 'desired_capacity is above max_size');
});

// --- arguments of which AWS wants one or all, though the schema calls each optional ---
const set = (v) => v !== null && v !== undefined && !(Array.isArray(v) && v.length === 0);
const SG_RULE = ['aws_vpc_security_group_ingress_rule', 'aws_vpc_security_group_egress_rule'];
const needs = (types, check) => rule('aws-needs', types, check);
needs(SG_RULE, (c, say) => {
  const given = ['cidr_ipv4', 'cidr_ipv6', 'prefix_list_id', 'referenced_security_group_id'].filter((a) => set(c[a]));
  if (given.length !== 1) say(given.length ? [given[1]] : [], `exactly one of cidr_ipv4, cidr_ipv6, prefix_list_id, referenced_security_group_id, got ${given.length}`);
  if (/^(tcp|udp|icmp)$/.test(known(c.ip_protocol) ? c.ip_protocol : '') && !(set(c.from_port) && set(c.to_port))) say([], 'from_port and to_port are needed');
});
needs('aws_security_group', (c, say) => { if (!set(c.vpc_id)) say([], 'without vpc_id the group lands in the default VPC'); });
needs('aws_lb_target_group', (c, say) => {
  if (c.target_type !== 'lambda' && !(set(c.vpc_id) && set(c.port) && set(c.protocol))) say([], 'vpc_id, port and protocol are needed');
});
needs('aws_lb', (c, say) => { if (!set(c.subnets) && !list(c.subnet_mapping).length) say([], 'subnets or subnet_mapping is needed'); });
needs('aws_lb_listener', (c, say) => {
  if (/^(TLS|HTTPS)$/.test(known(c.protocol) ? c.protocol : '') && !set(c.certificate_arn)) say([], `${c.protocol} needs certificate_arn`);
  if (!set(c.port) || !set(c.protocol)) say([], 'port and protocol are needed');
});
needs('aws_launch_template', (c, say) => {
  list(c.block_device_mappings).forEach((d, i) => { if (!set(d.device_name)) say(['block_device_mappings', i, 'device_name'], 'device_name is needed'); });
});
needs('aws_autoscaling_group', (c, say) => {
  if (!set(c.vpc_zone_identifier) && !set(c.availability_zones)) say([], 'vpc_zone_identifier is needed');
  if (!list(c.launch_template).length && !list(c.mixed_instances_policy).length) say([], 'launch_template or mixed_instances_policy is needed');
});
needs('aws_instance', (c, say) => {
  if (!list(c.launch_template).length && !(set(c.ami) && set(c.instance_type))) say([], 'ami and instance_type are needed');
});
needs('aws_cloudwatch_metric_alarm', (c, say) => {
  if (!set(c.threshold) && !set(c.threshold_metric_id)) say([], 'threshold is needed');
  if (!list(c.metric_query).length && !(set(c.metric_name) && set(c.namespace) && set(c.period) && (set(c.statistic) || set(c.extended_statistic)))) say([], 'metric_name, namespace, period and statistic are needed');
});
needs('aws_route53_record', (c, say) => {
  if (!list(c.alias).length && !(set(c.records) && set(c.ttl))) say([], 'records and ttl, or an alias block, are needed');
});
needs('aws_vpc_endpoint', (c, say) => {
  if (c.vpc_endpoint_type === 'Interface' && !(set(c.subnet_ids) && set(c.security_group_ids))) say([], 'an interface endpoint needs subnet_ids and security_group_ids');
  if ((c.vpc_endpoint_type ?? 'Gateway') === 'Gateway' && !set(c.route_table_ids)) say([], 'a gateway endpoint needs route_table_ids');
});
needs('aws_s3_object', (c, say) => { if (!['source', 'content', 'content_base64'].some((a) => set(c[a]))) say([], 'source or content is needed'); });

// --- network exposure --------------------------------------------------------
const ANYWHERE = ['0.0.0.0/0', '::/0'];
rule('no-open-ingress', 'aws_vpc_security_group_ingress_rule', (c, say) => {
  for (const a of ['cidr_ipv4', 'cidr_ipv6']) if (ANYWHERE.includes(c[a])) say([a], 'ingress is open to the whole internet');
});
rule('no-open-ingress', 'aws_security_group', (c, say) => {
  for (const r of list(c.ingress)) {
    if ([...list(r.cidr_blocks), ...list(r.ipv6_cidr_blocks)].some((x) => ANYWHERE.includes(x))) say(['ingress'], 'ingress is open to the whole internet');
  }
});
rule('no-open-ingress', 'aws_security_group_rule', (c, say) => {
  if (c.type === 'ingress' && [...list(c.cidr_blocks), ...list(c.ipv6_cidr_blocks)].some((x) => ANYWHERE.includes(x))) say(['cidr_blocks'], 'ingress is open to the whole internet');
});
rule('no-open-egress', 'aws_vpc_security_group_egress_rule', (c, say) => {
  for (const a of ['cidr_ipv4', 'cidr_ipv6']) if (ANYWHERE.includes(c[a])) say([a], 'egress to the whole internet; name the VPC and the S3 prefix list');
});
rule('described-rule', ['aws_vpc_security_group_ingress_rule', 'aws_vpc_security_group_egress_rule', 'aws_security_group'], (c, say) => {
  if (c.description === null) say(['description'], 'say what this rule is for', 'warning');
});
rule('no-public-ip', 'aws_subnet', (c, say) => {
  if (c.map_public_ip_on_launch === true) say(['map_public_ip_on_launch'], 'instances would get public addresses', 'warning');
});
rule('no-public-ip', ['aws_launch_template', 'aws_instance'], (c, say) => {
  const nic = first(c.network_interfaces);
  if (c.associate_public_ip_address === true) say(['associate_public_ip_address'], 'instance gets a public address');
  if (nic && String(nic.associate_public_ip_address) === 'true') say(['network_interfaces', 0, 'associate_public_ip_address'], 'instance gets a public address');
});

// --- machines ----------------------------------------------------------------
rule('imdsv2', ['aws_launch_template', 'aws_instance'], (c, say) => {
  const m = first(c.metadata_options);
  if (!m) say([], 'metadata_options { http_tokens = "required" } is missing');
  else if (known(m.http_tokens) ? m.http_tokens !== 'required' : m.http_tokens === null) say(['metadata_options', 0, 'http_tokens'], 'IMDSv2 must be required');
  if (m && (m.http_put_response_hop_limit === null || m.http_put_response_hop_limit > 1)) say(['metadata_options', 0, 'http_put_response_hop_limit'], 'set http_put_response_hop_limit = 1; Amazon Linux images default to 2', 'warning');
});
const off = (v) => v === null || v === undefined || v === false || v === 'false';
rule('encrypted-disk', 'aws_launch_template', (c, say) => {
  list(c.block_device_mappings).forEach((d, i) => {
    const ebs = first(d.ebs);
    if (ebs && off(ebs.encrypted)) say(['block_device_mappings', i, 'ebs', 0, 'encrypted'], 'volume is not encrypted');
    if (ebs?.volume_type === 'gp2') say(['block_device_mappings', i, 'ebs', 0, 'volume_type'], 'gp3 is cheaper and faster than gp2');
  });
});
rule('encrypted-disk', 'aws_ebs_volume', (c, say) => {
  if (off(c.encrypted)) say([], 'volume is not encrypted');
  if (c.type === 'gp2') say(['type'], 'gp3 is cheaper and faster than gp2');
});
rule('encrypted-disk', 'aws_instance', (c, say) => {
  if (off(first(c.root_block_device)?.encrypted)) say([], 'root_block_device is not encrypted');
  list(c.ebs_block_device).forEach((d) => { if (off(d.encrypted)) say(['ebs_block_device'], 'volume is not encrypted'); });
});
const INSTANCE_TYPES = new Set(fs.readFileSync(path.join(__dirname, '..', 'schema', 'ec2-instance-types.txt'), 'utf8').split('\n'));
rule('aws-instance-type', ['aws_launch_template', 'aws_instance'], (c, say) => {
  if (known(c.instance_type) && !INSTANCE_TYPES.has(c.instance_type)) say(['instance_type'], `EC2 has no instance type "${c.instance_type}"`);
});
rule('old-instance-type', ['aws_launch_template', 'aws_instance'], (c, say) => {
  if (/^(t1|t2|m[1-5]|c[1-5]|r[3-5]|i[23])[a-z]*\./.test(known(c.instance_type) ? c.instance_type : '')) say(['instance_type'], `${c.instance_type} is a previous generation`, 'warning');
});
rule('pinned-template', 'aws_autoscaling_group', (c, say) => {
  const mixed = first(first(c.mixed_instances_policy)?.launch_template);
  const version = first(c.launch_template)?.version ?? first(mixed?.launch_template_specification)?.version;
  if (/^\$(Latest|Default)$/.test(known(version) ? version : '')) say([], `version ${version} hides template changes from Terraform; use latest_version of the template`);
});
rule('rolling-refresh', 'aws_autoscaling_group', (c, say) => {
  const p = first(first(c.instance_refresh)?.preferences);
  if (p && known(p.min_healthy_percentage) && p.min_healthy_percentage < 66) say(['instance_refresh', 0, 'preferences', 0, 'min_healthy_percentage'], 'a refresh may take down a third of the group at once');
  if (p && known(p.max_healthy_percentage) && (p.max_healthy_percentage < 100 || p.max_healthy_percentage > 200)) say(['instance_refresh', 0, 'preferences', 0, 'max_healthy_percentage'], 'must be 100 to 200');
  if (p && known(p.max_healthy_percentage) && known(p.min_healthy_percentage) && p.max_healthy_percentage - p.min_healthy_percentage > 100) say(['instance_refresh', 0, 'preferences', 0, 'max_healthy_percentage'], 'may be at most 100 above min_healthy_percentage');
  if (!first(c.instance_refresh)) say([], 'no instance_refresh: a new launch template version would not reach running machines', 'warning');
});

// --- data at rest and in transit ---------------------------------------------
rule('public-access-block', 'aws_s3_bucket_public_access_block', (c, say) => {
  for (const a of ['block_public_acls', 'block_public_policy', 'ignore_public_acls', 'restrict_public_buckets']) {
    if (c[a] !== true && typeof c[a] !== 'symbol') say(c[a] === null ? [] : [a], `${a} must be true`);
  }
});
rule('no-force-destroy', 'aws_s3_bucket', (c, say) => {
  if (c.force_destroy === true) say(['force_destroy'], 'a destroy would delete every object', 'warning');
});
rule('lifecycle', 'aws_s3_bucket_lifecycle_configuration', (c, say) => {
  if (!Array.isArray(c.rule)) return; // dynamic, and not known before a plan
  const on = list(c.rule).filter((r) => r.status === 'Enabled');
  if (!on.some((r) => first(r.abort_incomplete_multipart_upload))) say([], 'no enabled rule aborts incomplete multipart uploads; they cost money for ever');
  on.forEach((r) => { if (!first(r.filter) && !known(r.prefix)) say([], `rule "${r.id}" needs a filter block`); });
});
rule('bucket-encryption', 'aws_s3_bucket_server_side_encryption_configuration', (c, say) => {
  const by = first(first(c.rule)?.apply_server_side_encryption_by_default);
  if (by?.sse_algorithm === 'aws:kms' && first(c.rule).bucket_key_enabled !== true) say(['rule'], 'without bucket_key_enabled every object costs a KMS call', 'warning');
});
rule('kms-rotation', 'aws_kms_key', (c, say) => {
  if (c.enable_key_rotation !== true && typeof c.enable_key_rotation !== 'symbol' && c.key_usage !== 'SIGN_VERIFY') say([], 'enable_key_rotation must be true');
});
rule('log-retention', 'aws_cloudwatch_log_group', (c, say) => {
  if (c.retention_in_days === null || c.retention_in_days === 0) say([], 'logs are kept, and paid for, for ever');
});
rule('secure-parameter', 'aws_ssm_parameter', (c, say) => {
  if (known(c.name) && /(key|secret|password|token)$/i.test(c.name) && c.type !== 'SecureString') say(['type'], 'secrets belong in a SecureString');
});
rule('tls-policy', 'aws_lb_listener', (c, say) => {
  if (c.protocol === 'TLS' || c.protocol === 'HTTPS') {
    if (c.ssl_policy === null || !/TLS13|FS-1-2|TLS-1-2/.test(known(c.ssl_policy) ? c.ssl_policy : 'TLS13')) say([], 'choose an ssl_policy of TLS 1.2 or later');
  }
});
rule('explicit-cross-zone', 'aws_lb', (c, say) => {
  if (c.load_balancer_type === 'network' && c.enable_cross_zone_load_balancing === null) say([], 'say whether cross-zone balancing is wanted; it decides the inter-AZ bill');
});

// --- IAM ---------------------------------------------------------------------
// actions that take no resource ARN, so "*" is right for them
const ACCOUNT_WIDE = /^(ec2:Describe|autoscaling:Describe|elasticloadbalancing:Describe|cloudwatch:(Put|Get|List)|ec2messages:|ssmmessages:|ssm:UpdateInstanceInformation|xray:|logs:Describe|ecr:GetAuthorizationToken|sts:GetCallerIdentity|tag:Get|s3:ListAllMyBuckets|kms:ListAliases)/;
function checkPolicy(text, path, say, { trust = false, resource = true } = {}) {
  const policy = json(text);
  if (policy === undefined) { if (/^\s*\{/.test(text)) say(path, 'policy is not valid JSON'); return; }
  for (const s of policy ? [].concat(policy.Statement || []) : []) {
    if (!/^(Allow|Deny)$/.test(s.Effect || '')) say(path, `statement ${s.Sid || ''} has no Effect`);
    if (s.Effect !== 'Allow') continue;
    const actions = [].concat(s.Action || []);
    if (!actions.length && !s.NotAction) say(path, `statement ${s.Sid || ''} has no Action`);
    if (trust ? !s.Principal : resource && !s.Resource && !s.NotResource) say(path, `statement ${s.Sid || ''} has no ${trust ? 'Principal' : 'Resource'}`);
    if (s.NotAction) say(path, 'NotAction with Allow grants everything else');
    for (const a of actions) if (/^(\*|\w+:\*)$/.test(a) && resource) say(path, `action "${a}" is wider than least privilege`);
    const principals = typeof s.Principal === 'string' ? [s.Principal] : Object.values(s.Principal || {}).flat();
    if (principals.includes('*') && !s.Condition) say(path, 'principal "*" without a condition');
    if (!trust && resource && [].concat(s.Resource || []).includes('*') && !s.Condition) {
      const wide = actions.filter((a) => !ACCOUNT_WIDE.test(a));
      if (wide.length) say(path, `resource "*" for ${wide.slice(0, 4).join(', ')}`);
    }
  }
}
rule('least-privilege', ['aws_iam_policy', 'aws_iam_role_policy'], (c, say) => known(c.policy) && checkPolicy(c.policy, ['policy'], say));
rule('least-privilege', 'aws_iam_role', (c, say) => known(c.assume_role_policy) && checkPolicy(c.assume_role_policy, ['assume_role_policy'], say, { trust: true }));
rule('least-privilege', ['aws_s3_bucket_policy', 'aws_vpc_endpoint'], (c, say) => known(c.policy) && checkPolicy(c.policy, ['policy'], say, { resource: false }));

function run({ mode, type, config }) {
  if (mode !== 'resource' || !config) return [];
  const found = [];
  for (const r of RULES.filter((x) => x.types.includes(type))) {
    r.check(config, (path, message, severity = 'error') => found.push({ id: r.id, path, message: `${type}: ${message}`, severity }), type);
  }
  return found;
}

module.exports = { run, RULES };
