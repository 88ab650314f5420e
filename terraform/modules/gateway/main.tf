# Nodes that serve Kafka clients and keep nothing, behind an internal load balancer.
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

variable "instance_types" {
  description = "Instance types of the same size, the one wanted first; spot instances may be any of them."
  type        = list(string)
}

variable "node_count" {
  description = "Smallest number of gateways."
  type        = number

  validation {
    condition     = var.node_count >= length(var.subnets)
    error_message = "Give at least one gateway for every zone: without balancing across zones an empty zone serves nobody."
  }
}

variable "threads" {
  description = "Event loops of a gateway that serve connections."
  type        = number
}

variable "spot_percentage" {
  description = "Share of spot instances among the gateways above node_count."
  type        = number
}

variable "client_cidrs" {
  description = "Networks that may connect."
  type        = list(string)
}

variable "advertise" {
  description = "What clients are told to connect to: zonal, a name of the load balancer for each zone; direct, the address of each gateway."
  type        = string
}

variable "certificate_arn" {
  description = "ACM certificate for *.domain, or null for plaintext."
  type        = string
}

variable "domain" {
  description = "Private DNS domain of the advertised names."
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

variable "metrics" {
  description = "What is scraped where, and which of it CloudWatch gets; target null scrapes nothing."
  type        = object({ target = string, names = list(string) })
}

variable "log_retention_days" {
  description = "How long logs are kept."
  type        = number
}

variable "protect" {
  description = "Deletion protection of the load balancer, and so of what is destroyed after it."
  type        = bool
}

variable "destroyed_after" {
  description = "What holds data: the load balancer is made after it, and destroyed before it."
  type        = any
}

locals {
  group  = "${var.name}-gateway"
  tls    = var.certificate_arn != null
  direct = var.advertise == "direct"
  port   = local.tls ? 9094 : 9092
  zones  = sort(keys(var.subnets))
  # One name for each zone: any gateway of the zone serves any partition, so the names stand for all of
  # them, however many there are.
  names     = { for zone in local.zones : zone => local.tls ? "${zone}.${var.domain}" : "${zone}.${aws_lb.this.dns_name}" }
  bootstrap = join(",", [for zone in local.zones : "${local.names[zone]}:${local.port}"])

  environment = merge(var.service, {
    TIDELOG_PROCESS_ROLES               = "gateway"
    TIDELOG_LOG_DIR                     = "/var/lib/tidelog"
    TIDELOG_NUM_NETWORK_THREADS         = tostring(var.threads)
    TIDELOG_CONNECTIONS_MAX_IDLE_MS     = local.tls ? "300000" : "600000"
    TIDELOG_LISTENER_UNPROTECTED_ENABLE = "true"
    # The load balancer asks every 10 s and believes the second answer.
    TIDELOG_SHUTDOWN_DELAY_MS = "25000"
  })
  machine = {
    # Empty: each gateway tells clients its own address.
    MACHINE_ADVERTISED = local.direct ? "" : join(",", [for zone in local.zones : "${zone}=${local.names[zone]}:${local.port}"])
  }
  statements = [
    {
      Sid      = "ReadColdTier"
      Effect   = "Allow"
      Action   = ["s3:GetObject"]
      Resource = "${var.cold_bucket.arn}/*"
    },
    {
      # Without it an object that is not there would look like one that may not be read.
      Sid      = "ListColdTier"
      Effect   = "Allow"
      Action   = ["s3:ListBucket"]
      Resource = var.cold_bucket.arn
    },
    {
      # At its start a node tries whether the store creates an object only once.
      Sid      = "ProbeColdTier"
      Effect   = "Allow"
      Action   = ["s3:PutObject", "s3:DeleteObject"]
      Resource = "${var.cold_bucket.arn}/tidelog-probe/*"
    },
  ]
}

resource "aws_security_group" "load_balancer" {
  name        = "${var.name}-kafka-lb"
  description = "Load balancer of Kafka clients"
  vpc_id      = var.vpc_id
}

resource "aws_vpc_security_group_ingress_rule" "clients" {
  for_each = toset(var.client_cidrs)

  security_group_id = aws_security_group.load_balancer.id
  description       = "Kafka clients"
  ip_protocol       = "tcp"
  from_port         = local.port
  to_port           = local.port
  cidr_ipv4         = each.value
}

resource "aws_vpc_security_group_egress_rule" "load_balancer" {
  for_each = { kafka = 9092, health = 8081 }

  security_group_id            = aws_security_group.load_balancer.id
  referenced_security_group_id = aws_security_group.this.id
  description                  = "To gateways, ${each.key}"
  ip_protocol                  = "tcp"
  from_port                    = each.value
  to_port                      = each.value
}

resource "aws_security_group" "this" {
  name        = "${var.name}-gateway"
  description = "Gateways"
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

resource "aws_vpc_security_group_ingress_rule" "load_balancer" {
  for_each = { kafka = 9092, health = 8081 }

  security_group_id            = aws_security_group.this.id
  referenced_security_group_id = aws_security_group.load_balancer.id
  description                  = "From the load balancer, ${each.key}"
  ip_protocol                  = "tcp"
  from_port                    = each.value
  to_port                      = each.value
}

resource "aws_vpc_security_group_ingress_rule" "direct" {
  for_each = local.direct ? toset(var.client_cidrs) : toset([])

  security_group_id = aws_security_group.this.id
  description       = "Kafka clients, past the load balancer"
  ip_protocol       = "tcp"
  from_port         = 9092
  to_port           = 9092
  cidr_ipv4         = each.value
}

resource "aws_lb" "this" {
  name                             = "${var.name}-kafka"
  internal                         = true
  load_balancer_type               = "network"
  ip_address_type                  = "ipv4"
  subnets                          = [for zone in local.zones : var.subnets[zone].id]
  security_groups                  = [aws_security_group.load_balancer.id]
  enable_cross_zone_load_balancing = false
  enable_deletion_protection       = var.protect

  depends_on = [var.destroyed_after]
}

resource "aws_lb_target_group" "this" {
  name        = "${var.name}-kafka"
  port        = 9092
  protocol    = "TCP"
  target_type = "instance"
  vpc_id      = var.vpc_id
  # Gateways tell from a client's address which zone it is in.
  preserve_client_ip     = "true"
  deregistration_delay   = "120"
  connection_termination = true

  health_check {
    enabled             = true
    protocol            = "HTTP"
    path                = "/health/ready"
    port                = "8081"
    matcher             = "200"
    interval            = 10
    timeout             = 5
    healthy_threshold   = 2
    unhealthy_threshold = 2
  }
}

resource "aws_lb_listener" "this" {
  load_balancer_arn = aws_lb.this.arn
  port              = local.port
  protocol          = local.tls ? "TLS" : "TCP"
  certificate_arn   = var.certificate_arn
  ssl_policy        = local.tls ? "ELBSecurityPolicy-TLS13-1-2-2021-06" : null
  # Kafka's clients keep idle connections for 9 minutes; 350 s, the default, would cut them in silence.
  # For TLS it cannot be changed: there gateways close idle connections first.
  tcp_idle_timeout_seconds = local.tls ? null : 900

  default_action {
    type             = "forward"
    target_group_arn = aws_lb_target_group.this.arn
  }
}

resource "aws_route53_zone" "this" {
  count = local.tls ? 1 : 0

  name    = var.domain
  comment = "Kafka clients of ${var.name}"
  vpc {
    vpc_id = var.vpc_id
  }

  lifecycle {
    # Clients' networks are associated with it by others.
    ignore_changes = [vpc]
  }
}

resource "aws_route53_record" "zonal" {
  for_each = local.tls ? toset(local.zones) : toset([])

  zone_id = aws_route53_zone.this[0].zone_id
  name    = "${each.value}.${var.domain}"
  type    = "CNAME"
  ttl     = 60
  records = ["${each.value}.${aws_lb.this.dns_name}"]
}

module "role" {
  source = "../node_role"

  name               = "${var.name}-gateway"
  cluster            = var.name
  role               = "gateway"
  region             = var.region
  release            = var.release
  release_folder     = "/opt/tidelog"
  packages           = ["java-25-amazon-corretto-headless"]
  artifact_bucket    = var.artifact_bucket
  kms_key_arn        = var.kms_key_arn
  data_disk          = "none"
  log_retention_days = var.log_retention_days
  metrics            = var.metrics
  units              = ["tidelog.service"]
  enabled_units      = ["tidelog.service"]
  machine            = local.machine
  environment        = { "node.env" = local.environment }
  statements         = local.statements
}

resource "aws_launch_template" "this" {
  name                   = local.group
  image_id               = var.ami
  instance_type          = var.instance_types[0]
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
  name                      = local.group
  min_size                  = var.node_count
  max_size                  = var.node_count * 4
  vpc_zone_identifier       = [for zone in local.zones : var.subnets[zone].id]
  target_group_arns         = [aws_lb_target_group.this.arn]
  health_check_type         = "ELB"
  health_check_grace_period = 600
  capacity_rebalance        = true
  # Terraform does not wait: the load balancer sends nobody to a gateway that is not ready.
  wait_for_capacity_timeout = "0"
  default_instance_warmup   = 120
  enabled_metrics           = ["GroupInServiceInstances", "GroupPendingInstances", "GroupTerminatingInstances"]

  mixed_instances_policy {
    instances_distribution {
      on_demand_allocation_strategy            = "prioritized"
      on_demand_base_capacity                  = length(local.zones)
      on_demand_percentage_above_base_capacity = 100 - var.spot_percentage
      spot_allocation_strategy                 = "price-capacity-optimized"
    }
    launch_template {
      launch_template_specification {
        launch_template_id = aws_launch_template.this.id
        version            = aws_launch_template.this.latest_version
      }
      dynamic "override" {
        for_each = var.instance_types
        content {
          instance_type = override.value
        }
      }
    }
  }

  instance_refresh {
    strategy = "Rolling"
    preferences {
      min_healthy_percentage = 100
      max_healthy_percentage = 134
      instance_warmup        = 120
      skip_matching          = true
      auto_rollback          = true
    }
  }

  instance_maintenance_policy {
    min_healthy_percentage = 100
    max_healthy_percentage = 134
  }

  tag {
    key                 = "Name"
    value               = local.group
    propagate_at_launch = true
  }
}

resource "aws_autoscaling_policy" "cpu" {
  name                   = "cpu"
  autoscaling_group_name = aws_autoscaling_group.this.name
  policy_type            = "TargetTrackingScaling"

  target_tracking_configuration {
    target_value     = 60
    disable_scale_in = false
    predefined_metric_specification {
      predefined_metric_type = "ASGAverageCPUUtilization"
    }
  }
}

output "security_group_id" {
  description = "Group of the gateways."
  value       = aws_security_group.this.id
}

output "bootstrap_servers" {
  description = "Value for bootstrap.servers."
  value       = local.bootstrap
}

output "zone_id" {
  description = "Private Route 53 zone of the advertised names; null without a certificate."
  value       = one(aws_route53_zone.this[*].zone_id)
}

output "client_properties" {
  description = "Properties file of a client."
  value = join("\n", [
    "bootstrap.servers=${local.bootstrap}",
    "security.protocol=${local.tls ? "SSL" : "PLAINTEXT"}",
    "client.dns.lookup=use_all_dns_ips",
    "",
  ])
}

output "autoscaling_group" {
  description = "Name of the Auto Scaling group, for the scripts."
  value       = aws_autoscaling_group.this.name
}

output "load_balancer" {
  description = "Load balancer and target group as CloudWatch names them."
  value       = { load_balancer = aws_lb.this.arn_suffix, target_group = aws_lb_target_group.this.arn_suffix }
}

output "log_groups" {
  description = "Log groups of the journals."
  value       = [module.role.log_group]
}
