# Three fixed members. Network interface and volume outlive the machine, so that replacing a machine is
# no change of membership.
variable "name" {
  description = "Cluster name."
  type        = string
}

variable "region" {
  description = "AWS region."
  type        = string
}

variable "vpc_id" {
  description = "The VPC."
  type        = string
}

variable "subnets" {
  description = "Zone name to private subnet."
  type        = map(object({ id = string, cidr = string }))

  validation {
    condition     = length(var.subnets) % 2 == 1
    error_message = "etcd needs an odd number of members, one in each zone."
  }
}

variable "egress" {
  description = "What machines may reach: the VPC and S3."
  type        = object({ vpc_cidr = string, s3_prefix_list_id = string })
}

variable "ami" {
  description = "Machine image of new members. Running members keep theirs."
  type        = string
}

variable "instance_type" {
  description = "Instance type."
  type        = string
}

variable "release" {
  description = "The software: key, version and checksum of an object in the artifact bucket."
  type        = object({ key = string, version = string, sha256 = string })
}

variable "artifact_bucket" {
  description = "Bucket of releases and snapshots."
  type        = object({ name = string, arn = string })
}

variable "kms_key_arn" {
  description = "Key of buckets, volumes and parameters."
  type        = string
}

variable "metric_names" {
  description = "Which of etcd's metrics CloudWatch gets."
  type        = list(string)
}

variable "log_retention_days" {
  description = "How long logs are kept."
  type        = number
}

variable "alarm_topics" {
  description = "Where alarms go."
  type        = list(string)
}

locals {
  zones   = sort(keys(var.subnets))
  members = { for i, zone in local.zones : zone => "etcd${i}" }
  address = { for zone in local.zones : zone => aws_network_interface.this[zone].private_ip }

  environment = { for zone in local.zones : zone => {
    ETCD_NAME                        = local.members[zone]
    ETCD_DATA_DIR                    = "/var/lib/tidelog/etcd"
    ETCD_INITIAL_CLUSTER             = join(",", [for z, member in local.members : "${member}=https://${local.address[z]}:2380"])
    ETCD_INITIAL_CLUSTER_STATE       = "new"
    ETCD_INITIAL_CLUSTER_TOKEN       = var.name
    ETCD_LISTEN_PEER_URLS            = "https://${local.address[zone]}:2380"
    ETCD_INITIAL_ADVERTISE_PEER_URLS = "https://${local.address[zone]}:2380"
    ETCD_LISTEN_CLIENT_URLS          = "https://${local.address[zone]}:2379"
    ETCD_ADVERTISE_CLIENT_URLS       = "https://${local.address[zone]}:2379"
    # No security group opens this port.
    ETCD_LISTEN_METRICS_URLS       = "http://${local.address[zone]}:2381"
    ETCD_CERT_FILE                 = "/etc/tidelog/pki/node.pem"
    ETCD_KEY_FILE                  = "/etc/tidelog/pki/node.key"
    ETCD_TRUSTED_CA_FILE           = "/etc/tidelog/pki/ca.pem"
    ETCD_CLIENT_CERT_AUTH          = "true"
    ETCD_PEER_CERT_FILE            = "/etc/tidelog/pki/node.pem"
    ETCD_PEER_KEY_FILE             = "/etc/tidelog/pki/node.key"
    ETCD_PEER_TRUSTED_CA_FILE      = "/etc/tidelog/pki/ca.pem"
    ETCD_PEER_CLIENT_CERT_AUTH     = "true"
    ETCD_STRICT_RECONFIG_CHECK     = "true"
    ETCD_AUTO_COMPACTION_MODE      = "periodic"
    ETCD_AUTO_COMPACTION_RETENTION = "1h"
    ETCD_QUOTA_BACKEND_BYTES       = "4294967296"
    ETCD_HEARTBEAT_INTERVAL        = "100"
    ETCD_ELECTION_TIMEOUT          = "1000"
    # For etcdctl on the machine.
    ETCDCTL_API       = "3"
    ETCDCTL_ENDPOINTS = "https://${local.address[zone]}:2379"
    ETCDCTL_CACERT    = "/etc/tidelog/pki/ca.pem"
    ETCDCTL_CERT      = "/etc/tidelog/pki/node.pem"
    ETCDCTL_KEY       = "/etc/tidelog/pki/node.key"
  } }
  statements = { for zone, member in local.members : zone => [
    {
      Sid      = "SaveSnapshots"
      Effect   = "Allow"
      Action   = ["s3:PutObject", "s3:AbortMultipartUpload"]
      Resource = "${var.artifact_bucket.arn}/etcd/${member}/*"
    },
    {
      # All members are restored from one snapshot, whoever made it.
      Sid      = "ReadSnapshots"
      Effect   = "Allow"
      Action   = ["s3:GetObject"]
      Resource = "${var.artifact_bucket.arn}/etcd/*"
    },
    {
      Sid       = "CountSnapshots"
      Effect    = "Allow"
      Action    = ["cloudwatch:PutMetricData"]
      Resource  = "*"
      Condition = { StringEquals = { "cloudwatch:namespace" = "tidelog/${var.name}" } }
    },
  ] }
}

resource "aws_security_group" "this" {
  name        = "${var.name}-etcd"
  description = "etcd members"
  vpc_id      = var.vpc_id
}

resource "aws_vpc_security_group_egress_rule" "vpc" {
  security_group_id = aws_security_group.this.id
  description       = "Machines of the cluster and endpoints of AWS in the VPC"
  ip_protocol       = "tcp"
  from_port         = 0
  to_port           = 65535
  cidr_ipv4         = var.egress.vpc_cidr
}

# Objects and packages, by way of the gateway endpoint only.
resource "aws_vpc_security_group_egress_rule" "s3" {
  security_group_id = aws_security_group.this.id
  description       = "S3"
  ip_protocol       = "tcp"
  from_port         = 443
  to_port           = 443
  prefix_list_id    = var.egress.s3_prefix_list_id
}

# The addresses are the same ones for ever: they stand in certificates and in the settings of all nodes.
resource "aws_network_interface" "this" {
  for_each = local.members

  subnet_id       = var.subnets[each.key].id
  private_ips     = [cidrhost(var.subnets[each.key].cidr, 20)]
  security_groups = [aws_security_group.this.id]
  description     = "${var.name} ${each.value}"
  tags            = { Name = "${var.name}-${each.value}" }
}

resource "aws_ebs_volume" "this" {
  for_each = local.members

  availability_zone = each.key
  size              = 20
  type              = "gp3"
  encrypted         = true
  kms_key_id        = var.kms_key_arn
  final_snapshot    = true
  tags              = { Name = "${var.name}-${each.value}" }
}

module "role" {
  source   = "../node_role"
  for_each = local.members

  name               = "${var.name}-${each.value}"
  cluster            = var.name
  role               = "etcd"
  region             = var.region
  release            = var.release
  release_folder     = "/opt/etcd"
  packages           = []
  artifact_bucket    = var.artifact_bucket
  kms_key_arn        = var.kms_key_arn
  data_disk          = "ebs"
  log_retention_days = var.log_retention_days
  metrics            = { target = "${local.address[each.key]}:2381", names = var.metric_names }
  units              = ["etcd.service", "etcd-backup.service", "etcd-backup.timer"]
  enabled_units      = ["etcd.service", "etcd-backup.timer"]
  scripts            = { tidelog-etcd-backup = "etcd-backup.sh", tidelog-etcd-restore = "etcd-restore.sh" }
  machine            = { MACHINE_BACKUP_URL = "s3://${var.artifact_bucket.name}/etcd/${each.value}" }
  environment        = { "etcd.env" = local.environment[each.key] }
  statements         = local.statements[each.key]
}

resource "aws_instance" "this" {
  for_each = local.members

  ami                     = var.ami
  instance_type           = var.instance_type
  iam_instance_profile    = module.role[each.key].instance_profile
  user_data_base64        = module.role[each.key].user_data
  disable_api_termination = false
  monitoring              = false
  tags                    = { Name = "${var.name}-${each.value}" }

  primary_network_interface {
    network_interface_id = aws_network_interface.this[each.key].id
  }

  root_block_device {
    volume_type = "gp3"
    volume_size = 10
    encrypted   = true
    kms_key_id  = var.kms_key_arn
  }

  metadata_options {
    http_endpoint               = "enabled"
    http_tokens                 = "required"
    http_put_response_hop_limit = 1
    instance_metadata_tags      = "disabled"
  }

  maintenance_options {
    auto_recovery = "default"
  }

  lifecycle {
    # A member is replaced alone and on purpose, by scripts/etcd-replace.sh.
    ignore_changes = [ami, user_data_base64]
  }
}

resource "aws_volume_attachment" "this" {
  for_each = local.members

  device_name                    = "/dev/sdf"
  volume_id                      = aws_ebs_volume.this[each.key].id
  instance_id                    = aws_instance.this[each.key].id
  stop_instance_before_detaching = true
}

resource "aws_cloudwatch_metric_alarm" "status" {
  for_each = local.members

  alarm_name          = "${var.name}-${each.value}-status"
  alarm_description   = "An etcd member fails EC2's status checks; README: an etcd member is lost."
  namespace           = "AWS/EC2"
  metric_name         = "StatusCheckFailed"
  dimensions          = { InstanceId = aws_instance.this[each.key].id }
  statistic           = "Maximum"
  period              = 60
  evaluation_periods  = 3
  threshold           = 1
  comparison_operator = "GreaterThanOrEqualToThreshold"
  treat_missing_data  = "breaching"
  alarm_actions       = var.alarm_topics
  ok_actions          = var.alarm_topics
}

output "endpoints" {
  description = "Client endpoints, comma separated."
  value       = join(",", [for zone in local.zones : "https://${local.address[zone]}:2379"])
}

output "members" {
  description = "Zone name to member, its machine and its address, for the scripts."
  value = { for zone, member in local.members : zone => {
    name = member, instance = aws_instance.this[zone].id, address = local.address[zone]
  } }

  # A member is there with its disk only.
  depends_on = [aws_volume_attachment.this]
}

output "security_group_id" {
  description = "Group of the members."
  value       = aws_security_group.this.id
}

output "log_groups" {
  description = "Log groups of the journals."
  value       = [for zone in local.zones : module.role[zone].log_group]
}
