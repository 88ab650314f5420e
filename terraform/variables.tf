variable "name" {
  description = "Name of the cluster; every resource's name begins with it."
  type        = string

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{1,18}[a-z0-9]$", var.name)) && !can(regex("^(aws|ssm)|--", var.name))
    error_message = "Use 3 to 20 lower-case letters, digits and single inner hyphens, beginning with a letter, and not with aws or ssm: names of load balancers, buckets and parameters are made of it."
  }
}

variable "environment" {
  description = "Value of the tag Environment, for example dev or prod."
  type        = string
  default     = "dev"

  validation {
    condition     = can(regex("^[A-Za-z0-9_.-]{1,40}$", var.environment))
    error_message = "Use 1 to 40 letters, digits and _.- signs."
  }
}

variable "region" {
  description = "AWS region."
  type        = string
  default     = "eu-central-1"

  validation {
    condition     = can(regex("^[a-z]{2}(-[a-z]+)+-[0-9]$", var.region))
    error_message = "Give a region's name such as eu-central-1."
  }
}

variable "zones" {
  description = "Three availability zones of the region; empty takes the first three. They stay as they are for the life of the cluster."
  type        = list(string)
  default     = []

  validation {
    condition     = contains([0, 3], length(var.zones)) && length(distinct(var.zones)) == length(var.zones)
    error_message = "Name three different zones, or none to have them chosen."
  }

  validation {
    condition     = alltrue([for zone in var.zones : startswith(zone, var.region)])
    error_message = "Name zones of the region, such as eu-central-1a."
  }
}

variable "size" {
  description = "Size of the machines: small, medium or large. README.md says what they carry and cost."
  type        = string
  default     = "small"

  validation {
    condition     = contains(["small", "medium", "large"], var.size)
    error_message = "Choose small, medium or large."
  }
}

variable "hot_nodes" {
  description = "Number of hot nodes; null takes that of the size."
  type        = number
  default     = null

  validation {
    condition     = var.hot_nodes == null ? true : var.hot_nodes >= 3 && var.hot_nodes <= 60 && var.hot_nodes % 3 == 0
    error_message = "Give 3, 6, 9 ... up to 60 hot nodes: as many in each of the three zones."
  }
}

variable "gateways" {
  description = "Smallest number of gateways, which are more under load; null takes that of the size."
  type        = number
  default     = null

  validation {
    condition     = var.gateways == null ? true : var.gateways >= 3 && var.gateways <= 100 && floor(var.gateways) == var.gateways
    error_message = "Give 3 to 100 gateways: every zone needs one."
  }
}

variable "image" {
  description = "Machine image (ARM, Amazon Linux 2023); null takes the newest at each apply, which then replaces gateways and hot nodes one after the other."
  type        = string
  default     = null

  validation {
    condition     = var.image == null ? true : can(regex("^ami-[0-9a-f]{8,17}$", var.image))
    error_message = "Give the id of an image, such as ami-0123456789abcdef0."
  }
}

variable "gateway_spot_percentage" {
  description = "Share of spot instances among the gateways above one for each zone."
  type        = number
  default     = 0

  validation {
    condition     = var.gateway_spot_percentage >= 0 && var.gateway_spot_percentage <= 100 && floor(var.gateway_spot_percentage) == var.gateway_spot_percentage
    error_message = "Give a whole percentage from 0 to 100."
  }
}

variable "vpc_cidr" {
  description = "Private network of the cluster."
  type        = string
  default     = "10.40.0.0/16"

  validation {
    condition     = can(cidrnetmask(var.vpc_cidr)) && try(tonumber(split("/", var.vpc_cidr)[1]) >= 16 && tonumber(split("/", var.vpc_cidr)[1]) <= 20, false)
    error_message = "Give an IPv4 network from /16 to /20."
  }
}

variable "client_cidrs" {
  description = "Networks that may connect to Kafka, beside the cluster's own."
  type        = list(string)
  default     = ["10.0.0.0/8"]

  validation {
    condition     = alltrue([for c in var.client_cidrs : can(cidrnetmask(c)) && try(tonumber(split("/", c)[1]) >= 8, false)])
    error_message = "Give IPv4 networks of /8 or smaller; the whole internet is not accepted."
  }
}

variable "client_zones" {
  description = "Network of clients to the zone it is in, such as { \"10.1.0.0/20\" = \"eu-central-1a\" }: they are told gateways of their own zone, which saves traffic between zones. The cluster's own networks are known."
  type        = map(string)
  default     = {}

  validation {
    condition     = alltrue([for c, zone in var.client_zones : can(cidrnetmask(c)) && startswith(zone, var.region)])
    error_message = "Give IPv4 networks, each with a zone of the region."
  }
}

variable "release_archive" {
  description = "Local path of Tidelog's release tarball, as ./tidelog package makes it."
  type        = string

  validation {
    condition     = endswith(var.release_archive, ".tar.gz") && fileexists(var.release_archive)
    error_message = "There is no such .tar.gz file; ./tidelog package makes dist/tidelog-VERSION.tar.gz."
  }
}

variable "etcd_archive" {
  description = "Local path of etcd's release tarball for linux-arm64, 3.5.13 or newer: Amazon Linux has no package of it."
  type        = string

  validation {
    condition     = endswith(var.etcd_archive, ".tar.gz") && fileexists(var.etcd_archive)
    error_message = "There is no such .tar.gz file; etcd's releases have etcd-VERSION-linux-arm64.tar.gz."
  }
}

variable "advertise" {
  description = "What clients are told to connect to: zonal, one name of the load balancer for each zone; direct, the address of each gateway, the load balancer serving for the first connection only."
  type        = string
  default     = "zonal"

  validation {
    condition     = contains(["zonal", "direct"], var.advertise)
    error_message = "Choose zonal or direct."
  }

  validation {
    condition     = var.advertise != "direct" || var.certificate_arn == null
    error_message = "With advertise = \"direct\" clients pass the load balancer by, where TLS ends, and gateways themselves speak plaintext: use zonal with a certificate, or direct without one."
  }
}

variable "certificate_arn" {
  description = "ACM certificate for *.domain, for TLS between clients and the load balancer. Null serves plaintext."
  type        = string
  default     = null

  validation {
    condition     = var.certificate_arn == null ? true : can(regex("^arn:aws[a-z-]*:acm:${var.region}:[0-9]{12}:certificate/.+$", var.certificate_arn))
    error_message = "Give the ARN of an ACM certificate in the cluster's region."
  }
}

variable "domain" {
  description = "Private domain of the advertised names, used with certificate_arn: clients connect to ZONE.domain."
  type        = string
  default     = "kafka.internal"

  validation {
    condition     = can(regex("^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\\.)+[a-z]{2,63}$", var.domain))
    error_message = "Give a domain name in lower case, such as kafka.example.com."
  }
}

variable "hot_retention_hours" {
  description = "How long records that are in the bucket stay on the hot nodes' disks too, where there is room; a topic's local.retention.ms overrules it."
  type        = number
  default     = 24

  validation {
    condition     = var.hot_retention_hours >= 1 && var.hot_retention_hours <= 8760 && var.hot_retention_hours <= var.object_retention_days * 24
    error_message = "Give 1 to 8760 hours, and no more than object_retention_days."
  }
}

variable "object_retention_days" {
  description = "How long records are kept at all, where a topic's retention.ms says nothing else."
  type        = number
  default     = 7

  validation {
    condition     = var.object_retention_days >= 1 && var.object_retention_days <= 3650
    error_message = "Give 1 to 3650 days."
  }
}

variable "object_undo_days" {
  description = "How long deleted objects of the cold tier can be brought back; they are paid for meanwhile."
  type        = number
  default     = 3

  validation {
    condition     = var.object_undo_days >= 1 && var.object_undo_days <= 90 && floor(var.object_undo_days) == var.object_undo_days
    error_message = "Give 1 to 90 whole days."
  }
}

variable "endpoint_zones" {
  description = "In how many zones the AWS services that machines need to start have an endpoint. With 1 machines cannot be started while the first zone is lost."
  type        = number
  default     = 1

  validation {
    condition     = contains([1, 2, 3], var.endpoint_zones)
    error_message = "Give 1, 2 or 3 zones."
  }
}

variable "otlp_endpoint" {
  description = "Collector in the VPC that nodes send metrics to, OTLP over HTTP, such as http://10.40.1.5:4318; null has the CloudWatch agent of each machine read them."
  type        = string
  default     = null

  validation {
    condition     = var.otlp_endpoint == null ? true : can(regex("^https?://[A-Za-z0-9.-]+(:[0-9]{1,5})?(/[^ ]*)?$", var.otlp_endpoint))
    error_message = "Give a URL such as http://10.40.1.5:4318."
  }
}

variable "log_retention_days" {
  description = "How long logs are kept."
  type        = number
  default     = 14

  validation {
    condition     = contains([1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731], var.log_retention_days)
    error_message = "CloudWatch keeps logs for 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545 or 731 days."
  }
}

variable "flow_logs" {
  description = "Which connections in the VPC are logged: REJECT, those that security groups refused; ALL is some GB a day."
  type        = string
  default     = "REJECT"

  validation {
    condition     = contains(["REJECT", "ALL"], var.flow_logs)
    error_message = "Choose REJECT or ALL."
  }
}

variable "alarm_emails" {
  description = "Who gets alarms. Each address has to confirm once."
  type        = list(string)
  default     = []

  validation {
    condition     = alltrue([for address in var.alarm_emails : can(regex("^[^@ ]+@[^@ ]+\\.[^@ ]+$", address))])
    error_message = "Give e-mail addresses."
  }
}

variable "monthly_budget_usd" {
  description = "An alarm is sent when this cluster's month is going to cost more; null for none. Needs the tag Cluster to be activated for cost allocation."
  type        = number
  default     = null

  validation {
    condition     = var.monthly_budget_usd == null ? true : var.monthly_budget_usd > 0
    error_message = "Give an amount above 0, or null."
  }
}

variable "allow_destroy" {
  description = "True lets terraform destroy delete all data. Never in production."
  type        = bool
  default     = false
}
