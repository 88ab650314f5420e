# Every input refuses what cannot be, before anything is made. A run has one wrong value for each of many
# inputs, and each of them must be refused.
mock_provider "aws" {
  source = "./tests/mocks"
}

variables {
  name            = "orders"
  release_archive = "tests/fixtures/release.tar.gz"
  etcd_archive    = "tests/fixtures/etcd.tar.gz"
}

run "wrong" {
  command = plan
  variables {
    name                    = "a-name-that-is-much-too-long"
    environment             = "prod and more"
    zones                   = ["eu-central-1a", "eu-central-1b"]
    size                    = "huge"
    image                   = "latest"
    hot_nodes               = 4
    gateways                = 2
    gateway_spot_percentage = 101
    vpc_cidr                = "10.0.0.0/24"
    client_cidrs            = ["0.0.0.0/0"]
    client_zones            = { "10.1.0.0/20" = "somewhere" }
    release_archive         = "tests/fixtures/nothing.tar.gz"
    etcd_archive            = "tests/fixtures/nothing.tar.gz"
    advertise               = "sometimes"
    domain                  = "Kafka"
    object_retention_days   = 0
    object_undo_days        = 0.5
    endpoint_zones          = 4
    otlp_endpoint           = "collector:4318"
    log_retention_days      = 2
    flow_logs               = "SOME"
    alarm_emails            = ["oncall"]
    monthly_budget_usd      = 0
  }
  expect_failures = [
    var.name,
    var.environment,
    var.zones,
    var.size,
    var.image,
    var.hot_nodes,
    var.gateways,
    var.gateway_spot_percentage,
    var.vpc_cidr,
    var.client_cidrs,
    var.client_zones,
    var.release_archive,
    var.etcd_archive,
    var.advertise,
    var.domain,
    var.object_retention_days,
    var.object_undo_days,
    var.endpoint_zones,
    var.otlp_endpoint,
    var.log_retention_days,
    var.flow_logs,
    var.alarm_emails,
    var.monthly_budget_usd,
  ]
}

run "wrong_in_another_way" {
  command = plan
  variables {
    name                    = "aws-orders"
    environment             = ""
    zones                   = ["eu-central-1a", "eu-central-1a", "eu-central-1b"]
    hot_nodes               = 0
    gateways                = 3.5
    gateway_spot_percentage = -1
    vpc_cidr                = "10.0.0.0/8"
    client_cidrs            = ["0.0.0.0/1", "128.0.0.0/1"]
    client_zones            = { "somewhere" = "eu-central-1a" }
    release_archive         = "tests/cluster.tftest.hcl"
    etcd_archive            = "tests/cluster.tftest.hcl"
    certificate_arn         = "arn:aws:acm:us-east-1:111122223333:certificate/0"
    domain                  = "kafka..internal"
    hot_retention_hours     = 0
    object_undo_days        = 91
    endpoint_zones          = 0
    otlp_endpoint           = "ftp://collector"
    log_retention_days      = 0
    alarm_emails            = ["on call@example.com"]
    monthly_budget_usd      = -5
  }
  expect_failures = [
    var.name,
    var.environment,
    var.zones,
    var.hot_nodes,
    var.gateways,
    var.gateway_spot_percentage,
    var.vpc_cidr,
    var.client_cidrs,
    var.client_zones,
    var.release_archive,
    var.etcd_archive,
    var.certificate_arn,
    var.domain,
    var.hot_retention_hours,
    var.object_undo_days,
    var.endpoint_zones,
    var.otlp_endpoint,
    var.log_retention_days,
    var.alarm_emails,
    var.monthly_budget_usd,
  ]
}

run "wrong_in_yet_another_way" {
  command = plan
  variables {
    name                = "Orders"
    zones               = ["eu-west-1a", "eu-west-1b", "eu-west-1c"]
    certificate_arn     = "arn:aws:iam::111122223333:server-certificate/0"
    hot_nodes           = 63
    gateways            = 101
    vpc_cidr            = "somewhere"
    client_cidrs        = ["10.0.0.1"]
    hot_retention_hours = 169
    object_undo_days    = 0
  }
  expect_failures = [
    var.name,
    var.zones,
    var.certificate_arn,
    var.hot_nodes,
    var.gateways,
    var.vpc_cidr,
    var.client_cidrs,
    var.hot_retention_hours,
    var.object_undo_days,
  ]
}

run "direct_has_no_tls" {
  command = plan
  variables {
    advertise       = "direct"
    certificate_arn = "arn:aws:acm:eu-central-1:111122223333:certificate/0"
  }
  expect_failures = [
    var.advertise,
  ]
}

run "region" {
  command = plan
  variables {
    region = "Frankfurt"
  }
  expect_failures = [
    var.region,
  ]
}
