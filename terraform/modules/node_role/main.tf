# Identity, log group and user data of one kind of machine.
variable "name" {
  description = "Name of the role, for example orders-gateway."
  type        = string
}

variable "cluster" {
  description = "Cluster name, the root of its parameters."
  type        = string
}

variable "role" {
  description = "What the machine is: gateway, hot or etcd."
  type        = string

  validation {
    condition     = contains(["gateway", "hot", "etcd"], var.role)
    error_message = "Choose gateway, hot or etcd."
  }
}

variable "region" {
  description = "AWS region."
  type        = string
}

variable "release" {
  description = "The software: key, version and checksum of an object in the artifact bucket."
  type        = object({ key = string, version = string, sha256 = string })
}

variable "release_folder" {
  description = "Folder of the machine that releases are unpacked in; current in it is the one in use."
  type        = string
}

variable "packages" {
  description = "Packages of Amazon Linux that the software needs."
  type        = list(string)
}

variable "artifact_bucket" {
  description = "Bucket of releases and snapshots."
  type        = object({ name = string, arn = string })
}

variable "kms_key_arn" {
  description = "Key of buckets, volumes and parameters."
  type        = string
}

variable "data_disk" {
  description = "Disk that holds the data: nvme, ebs or none."
  type        = string

  validation {
    condition     = contains(["nvme", "ebs", "none"], var.data_disk)
    error_message = "Choose nvme, ebs or none."
  }
}

variable "environment" {
  description = "File name below /etc/tidelog to the environment in it, for the service of the machine."
  type        = map(map(string))
}

variable "machine" {
  description = "What the scripts of this kind of machine need beyond what all need: MACHINE_ variables."
  type        = map(string)
  default     = {}
}

variable "scripts" {
  description = "Name of a command in /usr/local/sbin to the script in files/ that it is."
  type        = map(string)
  default     = {}
}

variable "units" {
  description = "Unit files out of files/."
  type        = list(string)
}

variable "enabled_units" {
  description = "Those of them that are started."
  type        = list(string)
}

variable "metrics" {
  description = "What is scraped where, and which of it CloudWatch gets; target null scrapes nothing."
  type        = object({ target = string, names = list(string) })
}

variable "log_retention_days" {
  description = "How long logs are kept."
  type        = number
}

variable "statements" {
  description = "IAM statements beyond those that all machines have."
  type        = any
  default     = []
}

data "aws_partition" "current" {}
data "aws_caller_identity" "current" {}

locals {
  files     = "${path.module}/../../files"
  service   = var.role == "etcd" ? "etcd.service" : "tidelog.service"
  namespace = "tidelog/${var.cluster}"
  parameter = "arn:${data.aws_partition.current.partition}:ssm:${var.region}:${data.aws_caller_identity.current.account_id}:parameter/${var.cluster}/${var.role}"

  machine = merge(var.machine, {
    MACHINE_CLUSTER         = var.cluster
    MACHINE_ROLE            = var.role
    MACHINE_REGION          = var.region
    MACHINE_NAMESPACE       = local.namespace
    MACHINE_DATA_DISK       = var.data_disk
    MACHINE_PACKAGES        = "'${join(" ", concat(var.packages, ["amazon-cloudwatch-agent", "rsyslog"]))}'"
    MACHINE_RELEASE_BUCKET  = var.artifact_bucket.name
    MACHINE_RELEASE_KEY     = var.release.key
    MACHINE_RELEASE_VERSION = var.release.version
    MACHINE_RELEASE_SHA256  = var.release.sha256
    MACHINE_RELEASE_DIR     = var.release_folder
  })

  prometheus = {
    global = { scrape_interval = "60s", scrape_timeout = "10s" }
    scrape_configs = var.metrics.target == null ? [] : [{
      job_name        = var.role
      static_configs  = [{ targets = [var.metrics.target], labels = { role = var.role, instance_id = "INSTANCE" } }]
      relabel_configs = []
      metric_relabel_configs = [{
        source_labels = ["__name__"]
        regex         = join("|", var.metrics.names)
        action        = "keep"
      }]
    }]
  }

  # The whole journal of the machine as a log, and the metrics as a log of which CloudWatch makes
  # metrics by role: their number, and so their price, does not grow with the machines.
  cloudwatch = {
    agent = { region = var.region, run_as_user = "root" }
    logs = merge(
      {
        force_flush_interval = 5
        logs_collected = { files = { collect_list = [{
          file_path       = "/var/log/messages"
          log_group_name  = aws_cloudwatch_log_group.journal.name
          log_stream_name = "{instance_id}"
        }] } }
      },
      var.metrics.target == null ? {} : {
        metrics_collected = { prometheus = {
          prometheus_config_path = "/etc/tidelog/scrape.yaml"
          log_group_name         = aws_cloudwatch_log_group.metrics.name
          emf_processor = {
            metric_declaration_dedup = true
            metric_namespace         = local.namespace
            metric_declaration = [{
              source_labels    = ["role"]
              label_matcher    = "^${var.role}$"
              dimensions       = [["role"]]
              metric_selectors = [for name in var.metrics.names : "^${name}$"]
            }]
          }
        } }
      }
    )
  }

  environment_files = merge(var.environment, { "machine.env" = local.machine })
  scripts           = merge(var.scripts, { tidelog-bootstrap = "bootstrap.sh" })

  # yamlencode cannot make broken YAML, and nothing in files/ is a template.
  user_data = "#cloud-config\n${yamlencode({
    users = ["default", { name = "tidelog", system = true, no_create_home = true, shell = "/sbin/nologin" }]
    write_files = concat(
      [for name, values in local.environment_files : {
        path        = "/etc/tidelog/${name}"
        permissions = "0644" # nothing in it is a secret
        content     = join("", [for k in sort(keys(values)) : "${k}=${values[k]}\n"])
      }],
      [
        { path = "/etc/tidelog/cloudwatch.json", permissions = "0644", content = jsonencode(local.cloudwatch) },
        { path = "/etc/tidelog/prometheus.yaml", permissions = "0644", content = yamlencode(local.prometheus) },
        {
          path        = "/etc/systemd/system/${local.service}.d/aws.conf"
          permissions = "0644"
          content     = file("${local.files}/aws.conf")
        },
      ],
      [for command, name in local.scripts : {
        path        = "/usr/local/sbin/${command}"
        permissions = "0755"
        content     = file("${local.files}/${name}")
      }],
      [for unit in var.units : {
        path        = "/etc/systemd/system/${unit}"
        permissions = "0644"
        content     = file("${local.files}/${unit}")
      }],
    )
    runcmd = [["systemctl", "daemon-reload"], concat(["systemctl", "enable", "--now", "--no-block"], var.enabled_units)]
  })}"
}

# Names of IAM are an account's, whatever the region.
resource "aws_iam_role" "this" {
  name = "${var.name}-${var.region}"
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRole"
      Principal = { Service = "ec2.amazonaws.com" }
    }]
  })
}

resource "aws_iam_role_policy" "this" {
  name = "machine"
  role = aws_iam_role.this.id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = concat([
      {
        Sid      = "Release"
        Effect   = "Allow"
        Action   = ["s3:GetObject", "s3:GetObjectVersion"]
        Resource = "${var.artifact_bucket.arn}/${var.release.key}"
      },
      {
        Sid      = "Secrets"
        Effect   = "Allow"
        Action   = ["ssm:GetParametersByPath"]
        Resource = [local.parameter, "${local.parameter}/*"]
      },
      {
        Sid       = "KeyOfSecrets"
        Effect    = "Allow"
        Action    = ["kms:Decrypt"]
        Resource  = var.kms_key_arn
        Condition = { StringLike = { "kms:EncryptionContext:PARAMETER_ARN" = "${local.parameter}/*" } }
      },
      {
        Sid       = "KeyOfBuckets"
        Effect    = "Allow"
        Action    = ["kms:Decrypt", "kms:GenerateDataKey"]
        Resource  = var.kms_key_arn
        Condition = { StringEquals = { "kms:ViaService" = "s3.${var.region}.amazonaws.com" } }
      },
      {
        Sid      = "Logs"
        Effect   = "Allow"
        Action   = ["logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents"]
        Resource = ["${aws_cloudwatch_log_group.journal.arn}:*", "${aws_cloudwatch_log_group.metrics.arn}:*"]
      },
      {
        # Sessions and commands of operators. The managed policy for them would let every machine read
        # every parameter, also the keys of other roles.
        Sid    = "Sessions"
        Effect = "Allow"
        Action = [
          "ssm:UpdateInstanceInformation",
          "ssmmessages:CreateControlChannel",
          "ssmmessages:CreateDataChannel",
          "ssmmessages:OpenControlChannel",
          "ssmmessages:OpenDataChannel",
        ]
        Resource = "*"
      },
    ], var.statements)
  })
}

resource "aws_iam_instance_profile" "this" {
  name = "${var.name}-${var.region}"
  role = aws_iam_role.this.name
}

resource "aws_cloudwatch_log_group" "journal" {
  name              = "/tidelog/${var.name}"
  retention_in_days = var.log_retention_days
}

resource "aws_cloudwatch_log_group" "metrics" {
  name              = "/tidelog/${var.name}/metrics"
  retention_in_days = var.log_retention_days
}

output "instance_profile" {
  description = "Name of the instance profile."
  value       = aws_iam_instance_profile.this.name
}

output "user_data" {
  description = "cloud-init user data, compressed and in base64: as text it would be near the limit of 16 KiB."
  value       = base64gzip(local.user_data)
}

output "log_group" {
  description = "Log group of the journals."
  value       = aws_cloudwatch_log_group.journal.name
}
