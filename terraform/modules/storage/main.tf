# Key, buckets and software.
variable "name" {
  description = "Cluster name."
  type        = string
}

variable "region" {
  description = "AWS region."
  type        = string
}

variable "release_archive" {
  description = "Local path of Tidelog's release tarball."
  type        = string
}

variable "etcd_archive" {
  description = "Local path of etcd's own release tarball for linux-arm64."
  type        = string
}

variable "undo_days" {
  description = "How many days an object of the cold tier can be brought back after it was deleted."
  type        = number
}

variable "allow_destroy" {
  description = "Whether a destroy may delete objects and the key."
  type        = bool
}

data "aws_caller_identity" "current" {}
data "aws_partition" "current" {}

locals {
  buckets  = { cold = "cold-tier", artifacts = "artifacts" }
  archives = { tidelog = var.release_archive, etcd = var.etcd_archive }
  # How many days a deleted or replaced object stays. The cold tier deletes its objects itself when
  # nothing refers to them: no rule may expire them. Releases are kept to go back to.
  undo_days = { cold = var.undo_days, artifacts = 90 }
}

resource "aws_kms_key" "this" {
  description             = "Data of the Tidelog cluster ${var.name}"
  enable_key_rotation     = true
  deletion_window_in_days = var.allow_destroy ? 7 : 30
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid       = "Account"
        Effect    = "Allow"
        Action    = "kms:*"
        Principal = { AWS = "arn:${data.aws_partition.current.partition}:iam::${data.aws_caller_identity.current.account_id}:root" }
        Resource  = "*"
      },
      {
        # Auto Scaling starts machines under a role of its own, which may not exist before the first group.
        Sid       = "Volumes"
        Effect    = "Allow"
        Action    = ["kms:Encrypt", "kms:Decrypt", "kms:ReEncrypt*", "kms:GenerateDataKey*", "kms:CreateGrant", "kms:DescribeKey"]
        Principal = { AWS = "*" }
        Resource  = "*"
        Condition = {
          StringEquals = {
            "kms:CallerAccount" = data.aws_caller_identity.current.account_id
            "kms:ViaService"    = "ec2.${var.region}.amazonaws.com"
          }
        }
      },
    ]
  })
}

resource "aws_kms_alias" "this" {
  name          = "alias/${var.name}"
  target_key_id = aws_kms_key.this.key_id
}

resource "aws_s3_bucket" "this" {
  for_each = local.buckets

  bucket        = "${var.name}-${each.value}-${data.aws_caller_identity.current.account_id}-${var.region}"
  force_destroy = var.allow_destroy
}

resource "aws_s3_bucket_public_access_block" "this" {
  for_each = aws_s3_bucket.this

  bucket                  = each.value.id
  block_public_acls       = true
  block_public_policy     = true
  ignore_public_acls      = true
  restrict_public_buckets = true
}

resource "aws_s3_bucket_ownership_controls" "this" {
  for_each = aws_s3_bucket.this

  bucket = each.value.id
  rule {
    object_ownership = "BucketOwnerEnforced"
  }
}

resource "aws_s3_bucket_server_side_encryption_configuration" "this" {
  for_each = aws_s3_bucket.this

  bucket = each.value.id
  rule {
    bucket_key_enabled = true
    apply_server_side_encryption_by_default {
      sse_algorithm     = "aws:kms"
      kms_master_key_id = aws_kms_key.this.arn
    }
  }
}

# Objects of the cold tier never change once written, so old versions only come from deletes: they are
# what a wrong retention can be undone with.
resource "aws_s3_bucket_versioning" "this" {
  for_each = aws_s3_bucket.this

  bucket = each.value.id
  versioning_configuration {
    status = "Enabled"
  }
}

resource "aws_s3_bucket_lifecycle_configuration" "this" {
  for_each = aws_s3_bucket.this

  bucket = each.value.id

  rule {
    id     = "housekeeping"
    status = "Enabled"
    filter {}
    abort_incomplete_multipart_upload {
      days_after_initiation = 1
    }
    noncurrent_version_expiration {
      noncurrent_days = local.undo_days[each.key]
    }
    expiration {
      expired_object_delete_marker = true
    }
  }

  dynamic "rule" {
    for_each = each.key == "artifacts" ? ["etcd/"] : []
    content {
      id     = "snapshots"
      status = "Enabled"
      filter {
        prefix = rule.value
      }
      expiration {
        days = 7
      }
      noncurrent_version_expiration {
        noncurrent_days = 1
      }
    }
  }

  depends_on = [aws_s3_bucket_versioning.this]
}

resource "aws_s3_bucket_policy" "this" {
  for_each = aws_s3_bucket.this

  bucket = each.value.id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid       = "OnlyTls"
      Effect    = "Deny"
      Principal = "*"
      Action    = "s3:*"
      Resource  = [each.value.arn, "${each.value.arn}/*"]
      Condition = { Bool = { "aws:SecureTransport" = "false" } }
    }]
  })
  depends_on = [aws_s3_bucket_public_access_block.this]
}

# Machines ask for a version of the object and check its SHA-256. Another build is another version,
# hence another launch template version and a rolling refresh; a machine that is started from the last
# launch template, in a rollback, still finds the last build.
resource "aws_s3_object" "archive" {
  for_each = local.archives

  bucket      = aws_s3_bucket.this["artifacts"].id
  key         = "releases/${each.key}.tar.gz"
  source      = each.value
  source_hash = filesha256(each.value)
  depends_on = [
    aws_s3_bucket_policy.this,
    aws_s3_bucket_server_side_encryption_configuration.this,
    aws_s3_bucket_versioning.this,
  ]
}

output "cold_bucket" {
  description = "Bucket of the cold tier."
  value       = { name = aws_s3_bucket.this["cold"].bucket, arn = aws_s3_bucket.this["cold"].arn }
}

output "artifact_bucket" {
  description = "Bucket of releases and snapshots of etcd."
  value       = { name = aws_s3_bucket.this["artifacts"].bucket, arn = aws_s3_bucket.this["artifacts"].arn }
}

output "kms_key_arn" {
  description = "Key of buckets, volumes and parameters."
  value       = aws_kms_key.this.arn
}

output "releases" {
  description = "Where machines find the software: Tidelog's and etcd's."
  value = { for name, path in local.archives : name => {
    key     = "releases/${name}.tar.gz"
    version = aws_s3_object.archive[name].version_id
    sha256  = filesha256(path)
  } }
}
