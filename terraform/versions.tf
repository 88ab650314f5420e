terraform {
  required_version = ">= 1.11, < 2.0"

  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "~> 6.0"
    }
  }

  # Which bucket and key: env/backend-NAME.hcl.
  backend "s3" {}
}

provider "aws" {
  region = var.region

  default_tags {
    tags = {
      Project     = "tidelog"
      Cluster     = var.name
      Environment = var.environment
      ManagedBy   = "terraform"
    }
  }
}
