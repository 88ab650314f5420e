# The whole cluster: what a user is given, and what machines are told.
mock_provider "aws" {
  source = "./tests/mocks"
}

variables {
  name            = "orders"
  release_archive = "tests/fixtures/release.tar.gz"
  etcd_archive    = "tests/fixtures/etcd.tar.gz"
}

run "small" {
  assert {
    condition     = output.bootstrap_servers == "eu-central-1a.orders-0.elb.eu-central-1.amazonaws.com:9092,eu-central-1b.orders-0.elb.eu-central-1.amazonaws.com:9092,eu-central-1c.orders-0.elb.eu-central-1.amazonaws.com:9092"
    error_message = "Without a certificate clients connect to a name of the load balancer for each zone."
  }
  assert {
    condition     = output.client_properties == "bootstrap.servers=${output.bootstrap_servers}\nsecurity.protocol=PLAINTEXT\nclient.dns.lookup=use_all_dns_ips\n"
    error_message = "The properties file is what a client takes."
  }
  assert {
    condition     = output.cold_bucket == "orders-cold-tier-111122223333-eu-central-1" && output.artifact_bucket == "orders-artifacts-111122223333-eu-central-1"
    error_message = "Buckets are named after cluster and account."
  }
  assert {
    condition     = output.network.vpc_id != null && output.network.route_table_id != null && output.network.zone_id == null
    error_message = "Other networks can be connected, and there is no zone without a certificate."
  }
  assert {
    condition     = length(split(",", output.etcd_endpoints)) == 3 && alltrue([for url in split(",", output.etcd_endpoints) : can(regex("^https://.+:2379$", url))])
    error_message = "Three etcd members, over TLS."
  }
  assert {
    condition     = output.dashboard_url == "https://eu-central-1.console.aws.amazon.com/cloudwatch/home?region=eu-central-1#dashboards/dashboard/orders"
    error_message = "The dashboard of the cluster."
  }
  assert {
    condition     = output.operations.hot_group == "orders-hot" && output.operations.gateway_group == "orders-gateway" && output.operations.key == "alias/orders" && length(output.operations.etcd) == 3
    error_message = "The scripts find groups, key and members."
  }
  assert {
    condition     = [for flow in ["gateway_to_hot", "hot_to_hot", "gateway_to_etcd", "hot_to_etcd", "etcd_to_etcd", "etcd_peers"] : aws_vpc_security_group_ingress_rule.internal[flow].from_port] == [9093, 9094, 2379, 2379, 2379, 2380] && length(aws_vpc_security_group_ingress_rule.internal) == 6
    error_message = "These flows inside the cluster, and no others."
  }
  assert {
    condition     = alltrue([for rule in aws_vpc_security_group_ingress_rule.internal : rule.from_port == rule.to_port && rule.ip_protocol == "tcp"])
    error_message = "One port each."
  }
  assert {
    condition = local.service == {
      TIDELOG_ETCD_ENDPOINTS                   = output.etcd_endpoints
      TIDELOG_ETCD_PREFIX                      = "/tidelog/orders/"
      TIDELOG_ETCD_TLS_CA_FILE                 = "/etc/tidelog/pki/ca.pem"
      TIDELOG_ETCD_TLS_CERT_FILE               = "/etc/tidelog/pki/node.pem"
      TIDELOG_ETCD_TLS_KEY_FILE                = "/etc/tidelog/pki/node.key"
      TIDELOG_OBJECT_STORE                     = "s3://orders-cold-tier-111122223333-eu-central-1/orders"
      TIDELOG_S3_REGION                        = "eu-central-1"
      TIDELOG_DEFAULT_REPLICATION_FACTOR       = "3"
      TIDELOG_MIN_INSYNC_REPLICAS              = "2"
      TIDELOG_OFFSETS_TOPIC_REPLICATION_FACTOR = "3"
      TIDELOG_DURABILITY                       = "fsync"
      TIDELOG_LOG_RETENTION_MS                 = "604800000"
      TIDELOG_LOG_LOCAL_RETENTION_MS           = "86400000"
      TIDELOG_ADMIN_PORT                       = "8080"
      TIDELOG_ZONES_CIDRS                      = "10.40.0.0/20=eu-central-1a,10.40.16.0/20=eu-central-1b,10.40.32.0/20=eu-central-1c"
    }
    error_message = "What all nodes are told."
  }
  assert {
    condition     = local.image == "ami-00000000000000000" && local.hot_nodes == 3 && local.gateways == 3 && local.preset.hot == "m7g.large" && local.preset.gateway[0] == "t4g.medium" && local.preset.etcd == "t4g.small" && local.preset.disk_gib == 100 && !local.preset.nvme
    error_message = "The small size."
  }
  assert {
    condition     = aws_sns_topic.alarms.name == "orders-alarms" && length(aws_sns_topic_subscription.email) == 0
    error_message = "Alarms have a topic."
  }
}

run "large_with_everything" {
  variables {
    size                  = "large"
    gateways              = 9
    certificate_arn       = "arn:aws:acm:eu-central-1:111122223333:certificate/0"
    domain                = "kafka.example.internal"
    image                 = "ami-0123456789abcdef0"
    client_zones          = { "10.1.0.0/20" = "eu-central-1b" }
    hot_retention_hours   = 6
    object_retention_days = 30
    endpoint_zones        = 3
    otlp_endpoint         = "http://10.40.1.5:4318"
    alarm_emails          = ["oncall@example.com"]
    monthly_budget_usd    = 20000
  }
  assert {
    condition     = output.bootstrap_servers == "eu-central-1a.kafka.example.internal:9094,eu-central-1b.kafka.example.internal:9094,eu-central-1c.kafka.example.internal:9094"
    error_message = "The names that the certificate covers."
  }
  assert {
    condition     = output.network.zone_id != null
    error_message = "With a certificate there is a zone for its names."
  }
  assert {
    condition     = strcontains(output.client_properties, "security.protocol=SSL\n")
    error_message = "With a certificate clients use TLS."
  }
  assert {
    condition     = local.hot_nodes == 6 && local.gateways == 9 && local.preset.nvme && local.image == "ami-0123456789abcdef0"
    error_message = "Numbers of nodes may differ from those of the size."
  }
  assert {
    condition     = local.service.TIDELOG_LOG_RETENTION_MS == "2592000000" && local.service.TIDELOG_LOG_LOCAL_RETENTION_MS == "21600000"
    error_message = "Retentions in milliseconds."
  }
  assert {
    condition     = local.service.TIDELOG_OTLP_ENDPOINT == "http://10.40.1.5:4318" && local.service.TIDELOG_OTLP_INTERVAL_MS == "60000" && local.scraped_nodes == null
    error_message = "Metrics go to the collector, not to CloudWatch as well."
  }
  assert {
    condition     = strcontains(local.service.TIDELOG_ZONES_CIDRS, "10.1.0.0/20=eu-central-1b") && strcontains(local.service.TIDELOG_ZONES_CIDRS, "10.40.0.0/20=eu-central-1a")
    error_message = "Zones of clients are known, and the cluster's own."
  }
  assert {
    condition     = keys(aws_sns_topic_subscription.email) == ["oncall@example.com"]
    error_message = "Alarms are mailed."
  }
}

run "direct_in_other_zones" {
  variables {
    size      = "medium"
    advertise = "direct"
    zones     = ["eu-central-1e", "eu-central-1c", "eu-central-1d"]
  }
  assert {
    condition     = startswith(output.bootstrap_servers, "eu-central-1c.orders-0.elb.eu-central-1.amazonaws.com:9092,eu-central-1d.")
    error_message = "The first connection goes to the load balancer, in the zones that were named."
  }
}
