data "aws_availability_zones" "available" {
  state = "available"

  filter {
    name   = "opt-in-status"
    values = ["opt-in-not-required"]
  }

  lifecycle {
    postcondition {
      condition     = length(self.names) >= 3
      error_message = "The region has fewer than three availability zones to offer."
    }
  }
}

data "aws_ssm_parameter" "ami" {
  count = var.image == null ? 1 : 0

  name = "/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-arm64"
}

locals {
  zones = length(var.zones) == 3 ? var.zones : slice(sort(data.aws_availability_zones.available.names), 0, 3)
  image = var.image == null ? data.aws_ssm_parameter.ami[0].insecure_value : var.image

  # disk_gib is the data disk of a hot node: an encrypted gp3 volume, or the NVMe disk of the machine.
  presets = {
    small = {
      gateway = ["t4g.medium"], gateways = 3, threads = 1
      hot     = "m7g.large", hot_nodes = 3, disk_gib = 100, nvme = false
      etcd    = "t4g.small"
    }
    medium = {
      gateway = ["c7g.xlarge", "c8g.xlarge", "m7g.xlarge"], gateways = 3, threads = 2
      hot     = "i4g.xlarge", hot_nodes = 3, disk_gib = 872, nvme = true
      etcd    = "m7g.medium"
    }
    large = {
      gateway = ["c7gn.2xlarge", "c8gn.2xlarge", "m7g.2xlarge"], gateways = 6, threads = 4
      hot     = "i4g.4xlarge", hot_nodes = 6, disk_gib = 3492, nvme = true
      etcd    = "m7g.large"
    }
  }
  preset    = local.presets[var.size]
  hot_nodes = var.hot_nodes == null ? local.preset.hot_nodes : var.hot_nodes
  gateways  = var.gateways == null ? local.preset.gateways : var.gateways

  # What all nodes are told. docs/configuration.md explains each key: TIDELOG_ETCD_PREFIX is
  # tidelog.etcd.prefix, TIDELOG_MIN_INSYNC_REPLICAS is min.insync.replicas.
  service = merge(
    {
      TIDELOG_ETCD_ENDPOINTS                   = module.etcd.endpoints
      TIDELOG_ETCD_PREFIX                      = "/tidelog/${var.name}/"
      TIDELOG_ETCD_TLS_CA_FILE                 = "/etc/tidelog/pki/ca.pem"
      TIDELOG_ETCD_TLS_CERT_FILE               = "/etc/tidelog/pki/node.pem"
      TIDELOG_ETCD_TLS_KEY_FILE                = "/etc/tidelog/pki/node.key"
      TIDELOG_OBJECT_STORE                     = "s3://${module.storage.cold_bucket.name}/${var.name}"
      TIDELOG_S3_REGION                        = var.region
      TIDELOG_DEFAULT_REPLICATION_FACTOR       = "3"
      TIDELOG_MIN_INSYNC_REPLICAS              = "2"
      TIDELOG_OFFSETS_TOPIC_REPLICATION_FACTOR = "3"
      TIDELOG_DURABILITY                       = "fsync"
      TIDELOG_LOG_RETENTION_MS                 = tostring(var.object_retention_days * 86400000)
      TIDELOG_LOG_LOCAL_RETENTION_MS           = tostring(var.hot_retention_hours * 3600000)
      TIDELOG_ADMIN_PORT                       = "8080"
      TIDELOG_ZONES_CIDRS                      = join(",", [for cidr in sort(keys(local.client_zones)) : "${cidr}=${local.client_zones[cidr]}"])
    },
    var.otlp_endpoint == null ? {} : {
      TIDELOG_OTLP_ENDPOINT    = var.otlp_endpoint
      TIDELOG_OTLP_INTERVAL_MS = "60000"
    },
  )
  client_zones = merge({ for zone, subnet in module.network.subnets : subnet.cidr => zone }, var.client_zones)

  # What the CloudWatch agent reads of each kind of machine; docs/metrics.md explains Tidelog's.
  metrics = {
    gateway = [
      "tidelog_gateway_connections",
      "tidelog_gateway_refused_total",
      "tidelog_gateway_requests_total",
      "tidelog_forward_lost_total",
      "tidelog_forward_sent_bytes_total",
      "tidelog_forward_answer_bytes_total",
      "tidelog_cold_read_bytes_total",
      "tidelog_cold_read_failures_total",
      "tidelog_cold_read_damaged_total",
    ]
    hot = [
      "tidelog_log_appended_bytes_total",
      "tidelog_log_appended_records_total",
      "tidelog_log_refused_total",
      "tidelog_log_uncertain_total",
      "tidelog_log_syncs_total",
      "tidelog_log_sync_time_microseconds_total",
      "tidelog_log_damaged_reads_total",
      "tidelog_log_local_bytes",
      "tidelog_log_full",
      "tidelog_log_broken",
      "tidelog_log_copies",
      "tidelog_log_copies_full",
      "tidelog_log_copies_broken",
      "tidelog_log_copies_not_opened",
      "tidelog_cold_lag_bytes",
      "tidelog_cold_uploaded_bytes_total",
      "tidelog_cold_alarm",
    ]
    etcd = [
      "etcd_server_has_leader",
      "etcd_server_leader_changes_seen_total",
      "etcd_mvcc_db_total_size_in_bytes",
    ]
  }
  # Nodes that send their metrics to a collector are not read by CloudWatch's agent as well.
  scraped_nodes = var.otlp_endpoint == null ? "127.0.0.1:8080" : null
}

module "network" {
  source = "./modules/network"

  name           = var.name
  region         = var.region
  vpc_cidr       = var.vpc_cidr
  zones          = local.zones
  endpoint_zones = var.endpoint_zones
}

module "storage" {
  source = "./modules/storage"

  name            = var.name
  region          = var.region
  release_archive = var.release_archive
  etcd_archive    = var.etcd_archive
  undo_days       = var.object_undo_days
  allow_destroy   = var.allow_destroy
}

module "etcd" {
  source = "./modules/etcd"

  name               = var.name
  region             = var.region
  vpc_id             = module.network.vpc_id
  subnets            = module.network.subnets
  egress             = module.network.egress
  ami                = local.image
  instance_type      = local.preset.etcd
  release            = module.storage.releases["etcd"]
  artifact_bucket    = module.storage.artifact_bucket
  kms_key_arn        = module.storage.kms_key_arn
  metric_names       = local.metrics.etcd
  log_retention_days = var.log_retention_days
  alarm_topics       = [aws_sns_topic.alarms.arn]
}

module "hot" {
  source = "./modules/hot"

  name               = var.name
  region             = var.region
  vpc_id             = module.network.vpc_id
  subnets            = module.network.subnets
  egress             = module.network.egress
  ami                = local.image
  instance_type      = local.preset.hot
  node_count         = local.hot_nodes
  disk_gib           = local.preset.disk_gib
  instance_store     = local.preset.nvme
  release            = module.storage.releases["tidelog"]
  artifact_bucket    = module.storage.artifact_bucket
  cold_bucket        = module.storage.cold_bucket
  kms_key_arn        = module.storage.kms_key_arn
  service            = local.service
  force_delete       = var.allow_destroy
  metrics            = { target = local.scraped_nodes, names = local.metrics.hot }
  log_retention_days = var.log_retention_days
}

module "gateway" {
  source = "./modules/gateway"

  name               = var.name
  region             = var.region
  vpc_id             = module.network.vpc_id
  subnets            = module.network.subnets
  egress             = module.network.egress
  ami                = local.image
  instance_types     = local.preset.gateway
  node_count         = local.gateways
  threads            = local.preset.threads
  spot_percentage    = var.gateway_spot_percentage
  client_cidrs       = distinct(concat([var.vpc_cidr], var.client_cidrs))
  advertise          = var.advertise
  certificate_arn    = var.certificate_arn
  domain             = var.domain
  release            = module.storage.releases["tidelog"]
  artifact_bucket    = module.storage.artifact_bucket
  cold_bucket        = module.storage.cold_bucket
  kms_key_arn        = module.storage.kms_key_arn
  service            = local.service
  metrics            = { target = local.scraped_nodes, names = local.metrics.gateway }
  log_retention_days = var.log_retention_days
  protect            = !var.allow_destroy
  destroyed_after    = [module.hot.autoscaling_group, module.etcd.members, module.storage.cold_bucket, module.storage.artifact_bucket]
}

module "observe" {
  source = "./modules/observe"

  name               = var.name
  region             = var.region
  vpc_id             = module.network.vpc_id
  has_node_metrics   = var.otlp_endpoint == null
  hot_group          = module.hot.autoscaling_group
  hot_nodes          = local.hot_nodes
  gateway_group      = module.gateway.autoscaling_group
  load_balancer      = module.gateway.load_balancer
  log_groups         = concat(module.gateway.log_groups, module.hot.log_groups, module.etcd.log_groups)
  flow_logs          = var.flow_logs
  log_retention_days = var.log_retention_days
  alarm_topic        = aws_sns_topic.alarms.arn
  monthly_budget_usd = var.monthly_budget_usd
}

resource "aws_sns_topic" "alarms" {
  name = "${var.name}-alarms"
}

resource "aws_sns_topic_policy" "alarms" {
  arn = aws_sns_topic.alarms.arn
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid       = "Alarms"
      Effect    = "Allow"
      Action    = "sns:Publish"
      Principal = { Service = ["cloudwatch.amazonaws.com", "budgets.amazonaws.com"] }
      Resource  = aws_sns_topic.alarms.arn
      Condition = { StringEquals = { "aws:SourceAccount" = data.aws_caller_identity.current.account_id } }
    }]
  })
}

resource "aws_sns_topic_subscription" "email" {
  for_each = toset(var.alarm_emails)

  topic_arn = aws_sns_topic.alarms.arn
  protocol  = "email"
  endpoint  = each.value
}

data "aws_caller_identity" "current" {}

# Who may talk to whom. Every rule is its own resource, so that a diff shows one line.
locals {
  flows = {
    gateway_to_hot  = { from = module.gateway.security_group_id, to = module.hot.security_group_id, port = 9093, what = "Gateways to hot nodes" }
    hot_to_hot      = { from = module.hot.security_group_id, to = module.hot.security_group_id, port = 9094, what = "Replication between hot nodes" }
    gateway_to_etcd = { from = module.gateway.security_group_id, to = module.etcd.security_group_id, port = 2379, what = "Gateways to etcd" }
    hot_to_etcd     = { from = module.hot.security_group_id, to = module.etcd.security_group_id, port = 2379, what = "Hot nodes to etcd" }
    etcd_to_etcd    = { from = module.etcd.security_group_id, to = module.etcd.security_group_id, port = 2379, what = "etcdctl between members" }
    etcd_peers      = { from = module.etcd.security_group_id, to = module.etcd.security_group_id, port = 2380, what = "etcd peers" }
  }
}

resource "aws_vpc_security_group_ingress_rule" "internal" {
  for_each = local.flows

  security_group_id            = each.value.to
  referenced_security_group_id = each.value.from
  description                  = each.value.what
  ip_protocol                  = "tcp"
  from_port                    = each.value.port
  to_port                      = each.value.port
}
