# A private network of its own: no internet gateway, no NAT.
variable "name" {
  description = "Cluster name."
  type        = string
}

variable "region" {
  description = "AWS region."
  type        = string
}

variable "vpc_cidr" {
  description = "IPv4 network."
  type        = string
}

variable "zones" {
  description = "Availability zones, one private subnet each."
  type        = list(string)
}

variable "endpoint_zones" {
  description = "In how many zones AWS's own services have an endpoint."
  type        = number
}

resource "aws_vpc" "this" {
  cidr_block           = var.vpc_cidr
  enable_dns_support   = true
  enable_dns_hostnames = true
  tags                 = { Name = var.name }
}

# Nothing may use the default group: it has no rules.
resource "aws_default_security_group" "this" {
  vpc_id = aws_vpc.this.id
}

resource "aws_subnet" "private" {
  for_each = { for i, zone in var.zones : zone => i }

  vpc_id                  = aws_vpc.this.id
  availability_zone       = each.key
  cidr_block              = cidrsubnet(var.vpc_cidr, 4, each.value)
  map_public_ip_on_launch = false
  tags                    = { Name = "${var.name}-${each.key}" }
}

# Sixteen addresses of each subnet are given by hand only: those of the etcd members.
resource "aws_ec2_subnet_cidr_reservation" "fixed" {
  for_each = { for i, zone in var.zones : zone => i }

  subnet_id        = aws_subnet.private[each.key].id
  cidr_block       = "${cidrhost(cidrsubnet(var.vpc_cidr, 4, each.value), 16)}/28"
  reservation_type = "explicit"
  description      = "etcd members"
}

resource "aws_route_table" "private" {
  vpc_id = aws_vpc.this.id
  tags   = { Name = "${var.name}-private" }
}

resource "aws_route_table_association" "private" {
  for_each = aws_subnet.private

  subnet_id      = each.value.id
  route_table_id = aws_route_table.private.id
}

# Free of charge, and the package repositories of Amazon Linux are buckets too.
resource "aws_vpc_endpoint" "s3" {
  vpc_id            = aws_vpc.this.id
  service_name      = "com.amazonaws.${var.region}.s3"
  vpc_endpoint_type = "Gateway"
  route_table_ids   = [aws_route_table.private.id]
  tags              = { Name = "${var.name}-s3" }
}

resource "aws_security_group" "endpoints" {
  name        = "${var.name}-endpoints"
  description = "Interface endpoints"
  vpc_id      = aws_vpc.this.id
}

resource "aws_vpc_security_group_ingress_rule" "endpoints" {
  security_group_id = aws_security_group.endpoints.id
  description       = "HTTPS from the VPC"
  ip_protocol       = "tcp"
  from_port         = 443
  to_port           = 443
  cidr_ipv4         = var.vpc_cidr
}

# Secrets at a start, sessions of operators, lifecycle hooks, logs and metrics. No data passes here, so
# machines that run do not notice when the zone of an endpoint is lost; new ones cannot start then,
# unless another zone has an endpoint as well.
resource "aws_vpc_endpoint" "interface" {
  for_each = toset(["ssm", "ssmmessages", "autoscaling", "logs", "monitoring"])

  vpc_id              = aws_vpc.this.id
  service_name        = "com.amazonaws.${var.region}.${each.key}"
  vpc_endpoint_type   = "Interface"
  private_dns_enabled = true
  subnet_ids          = [for zone in slice(var.zones, 0, var.endpoint_zones) : aws_subnet.private[zone].id]
  security_group_ids  = [aws_security_group.endpoints.id]
  tags                = { Name = "${var.name}-${each.key}" }
}

output "vpc_id" {
  description = "The VPC."
  value       = aws_vpc.this.id
}

output "route_table_id" {
  description = "Route table of the private subnets."
  value       = aws_route_table.private.id
}

output "subnets" {
  description = "Zone name to private subnet."
  value       = { for i, zone in var.zones : zone => { id = aws_subnet.private[zone].id, cidr = cidrsubnet(var.vpc_cidr, 4, i) } }
}

output "egress" {
  description = "What machines may reach: the VPC and S3."
  value       = { vpc_cidr = var.vpc_cidr, s3_prefix_list_id = aws_vpc_endpoint.s3.prefix_list_id }
}
