# Nodes that hold copies of segment logs. Any of them may be replaced: the others and the cold tier have
# what it had.
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
}

variable "egress" {
  description = "What machines may reach: the VPC and S3."
  type        = object({ vpc_cidr = string, s3_prefix_list_id = string })
}

variable "ami" {
  description = "Machine image of new machines."
  type        = string
}

variable "instance_type" {
  description = "Instance type."
  type        = string
}

variable "node_count" {
  description = "Number of nodes."
  type        = number

  validation {
    condition     = var.node_count >= 3 && var.node_count % length(var.subnets) == 0
    error_message = "Give at least 3 hot nodes, and as many in every zone."
  }
}

variable "disk_gib" {
  description = "Size of the data disk: of the volume that is made, or of the one that the machine brings."
  type        = number
}

variable "instance_store" {
  description = "Whether the instance type brings a local NVMe disk."
  type        = bool
}

variable "release" {
  description = "The software: key, version and checksum of an object in the artifact bucket."
  type        = object({ key = string, version = string, sha256 = string })
}

variable "artifact_bucket" {
  description = "Bucket of releases and snapshots."
  type        = object({ name = string, arn = string })
}

variable "cold_bucket" {
  description = "Bucket of the cold tier."
  type        = object({ name = string, arn = string })
}

variable "kms_key_arn" {
  description = "Key of buckets, volumes and parameters."
  type        = string
}

variable "service" {
  description = "Settings of Tidelog that all nodes have, as environment variables."
  type        = map(string)
}

variable "force_delete" {
  description = "Whether the group is destroyed with its nodes as they are: nobody is left to take what they would hand over."
  type        = bool
}

variable "metrics" {
  description = "What is scraped where, and which of it CloudWatch gets; target null scrapes nothing."
  type        = object({ target = string, names = list(string) })
}

variable "log_retention_days" {
  description = "How long logs are kept."
  type        = number
}

data "aws_partition" "current" {}
data "aws_caller_identity" "current" {}

locals {
  group = "${var.name}-hot"

  environment = merge(var.service, {
    TIDELOG_PROCESS_ROLES    = "hot"
    TIDELOG_LOG_DIR          = "/var/lib/tidelog"
    TIDELOG_INTERNAL_PORT    = "9093"
    TIDELOG_REPLICATION_PORT = "9094"
    # The rest is for segments that are being written, checkpoints, and air.
    TIDELOG_LOCAL_MAX_BYTES = tostring(floor(var.disk_gib * 0.8) * 1073741824)
  })
  machine = {
    MACHINE_GROUP         = local.group
    MACHINE_DRAIN_SECONDS = "21600"
  }
  statements = [
    {
      Sid      = "ColdTier"
      Effect   = "Allow"
      Action   = ["s3:GetObject", "s3:PutObject", "s3:DeleteObject", "s3:AbortMultipartUpload"]
      Resource = "${var.cold_bucket.arn}/*"
    },
    {
      Sid      = "ListColdTier"
      Effect   = "Allow"
      Action   = ["s3:ListBucket", "s3:ListBucketMultipartUploads"]
      Resource = var.cold_bucket.arn
    },
    {
      Sid      = "LifecycleHooks"
      Effect   = "Allow"
      Action   = ["autoscaling:CompleteLifecycleAction", "autoscaling:RecordLifecycleActionHeartbeat"]
      Resource = "arn:${data.aws_partition.current.partition}:autoscaling:${var.region}:${data.aws_caller_identity.current.account_id}:autoScalingGroup:*:autoScalingGroupName/${local.group}"
    },
  ]
}

resource "aws_security_group" "this" {
  name        = "${var.name}-hot"
  description = "Hot nodes"
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

module "role" {
  source = "../node_role"

  name               = "${var.name}-hot"
  cluster            = var.name
  role               = "hot"
  region             = var.region
  release            = var.release
  release_folder     = "/opt/tidelog"
  packages           = ["java-25-amazon-corretto-headless"]
  artifact_bucket    = var.artifact_bucket
  kms_key_arn        = var.kms_key_arn
  data_disk          = var.instance_store ? "nvme" : "ebs"
  log_retention_days = var.log_retention_days
  metrics            = var.metrics
  units              = ["tidelog.service", "tidelog-lifecycle.service", "tidelog-lifecycle.timer"]
  enabled_units      = ["tidelog.service", "tidelog-lifecycle.timer"]
  scripts            = { tidelog-lifecycle = "lifecycle.sh" }
  machine            = local.machine
  environment        = { "node.env" = local.environment }
  statements         = local.statements
}

resource "aws_launch_template" "this" {
  name                   = local.group
  image_id               = var.ami
  instance_type          = var.instance_type
  update_default_version = true
  vpc_security_group_ids = [aws_security_group.this.id]
  user_data              = module.role.user_data

  iam_instance_profile {
    name = module.role.instance_profile
  }

  metadata_options {
    http_endpoint               = "enabled"
    http_tokens                 = "required"
    http_put_response_hop_limit = 1
    instance_metadata_tags      = "disabled"
  }

  block_device_mappings {
    device_name = "/dev/xvda"
    ebs {
      volume_type           = "gp3"
      volume_size           = 20
      encrypted             = "true"
      kms_key_id            = var.kms_key_arn
      delete_on_termination = "true"
    }
  }

  dynamic "block_device_mappings" {
    for_each = var.instance_store ? [] : [var.disk_gib]
    content {
      device_name = "/dev/sdf"
      ebs {
        volume_type           = "gp3"
        volume_size           = block_device_mappings.value
        encrypted             = "true"
        kms_key_id            = var.kms_key_arn
        delete_on_termination = "true"
      }
    }
  }

  tag_specifications {
    resource_type = "instance"
    tags          = { Name = local.group, Cluster = var.name }
  }

  tag_specifications {
    resource_type = "volume"
    tags          = { Name = local.group, Cluster = var.name }
  }
}

resource "aws_autoscaling_group" "this" {
  name                  = local.group
  min_size              = var.node_count
  max_size              = var.node_count * 2
  desired_capacity      = var.node_count
  vpc_zone_identifier   = [for zone in sort(keys(var.subnets)) : var.subnets[zone].id]
  health_check_type     = "EC2"
  protect_from_scale_in = true
  force_delete          = var.force_delete
  # Terraform does not wait: a machine is in service when the hook below says so.
  wait_for_capacity_timeout = "0"
  enabled_metrics           = ["GroupInServiceInstances", "GroupPendingInstances", "GroupTerminatingInstances"]
  # To move a node to another zone means to copy its data: only on purpose.
  suspended_processes = ["AZRebalance"]

  launch_template {
    id      = aws_launch_template.this.id
    version = aws_launch_template.this.latest_version
  }

  # A new node is in service before an old one is asked to leave, one at a time.
  instance_refresh {
    strategy = "Rolling"
    preferences {
      min_healthy_percentage       = 100
      max_healthy_percentage       = 110
      instance_warmup              = 60
      scale_in_protected_instances = "Refresh"
      skip_matching                = true
      auto_rollback                = true
    }
  }

  instance_maintenance_policy {
    min_healthy_percentage = 100
    max_healthy_percentage = 110
  }

  # Both are answered by files/lifecycle.sh.
  initial_lifecycle_hook {
    name                 = "ready"
    lifecycle_transition = "autoscaling:EC2_INSTANCE_LAUNCHING"
    heartbeat_timeout    = 3600
    default_result       = "ABANDON"
  }

  initial_lifecycle_hook {
    name                 = "drain"
    lifecycle_transition = "autoscaling:EC2_INSTANCE_TERMINATING"
    heartbeat_timeout    = 900
    default_result       = "CONTINUE"
  }

  tag {
    key                 = "Name"
    value               = local.group
    propagate_at_launch = true
  }
}

output "security_group_id" {
  description = "Group of the nodes."
  value       = aws_security_group.this.id
}

output "autoscaling_group" {
  description = "Name of the Auto Scaling group, for the scripts."
  value       = aws_autoscaling_group.this.name
}

output "log_groups" {
  description = "Log groups of the journals."
  value       = [module.role.log_group]
}
