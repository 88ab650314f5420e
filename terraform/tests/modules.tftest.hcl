# What a module makes, argument by argument: an argument that is deleted has a default, and only these
# asserts would notice.
mock_provider "aws" {
  source = "./tests/mocks"
}

variables {
  name               = "orders"
  region             = "eu-central-1"
  zones              = ["eu-central-1a", "eu-central-1b", "eu-central-1c"]
  vpc_cidr           = "10.40.0.0/16"
  vpc_id             = "vpc-0"
  ami                = "ami-0"
  instance_type      = "m7g.large"
  kms_key_arn        = "arn:aws:kms:eu-central-1:111122223333:key/0"
  log_retention_days = 14
  release            = { key = "releases/tidelog.tar.gz", version = "v1", sha256 = "abc" }
  artifact_bucket    = { name = "artifacts", arn = "arn:aws:s3:::artifacts" }
  cold_bucket        = { name = "cold", arn = "arn:aws:s3:::cold" }
  egress             = { vpc_cidr = "10.40.0.0/16", s3_prefix_list_id = "pl-0" }
  service            = { TIDELOG_ETCD_PREFIX = "/tidelog/orders/" }
  metrics            = { target = "127.0.0.1:8080", names = ["tidelog_log_full"] }
  metric_names       = ["etcd_server_has_leader"]
  alarm_topics       = ["arn:aws:sns:eu-central-1:111122223333:orders-alarms"]
  subnets = {
    "eu-central-1a" = { id = "subnet-a", cidr = "10.40.0.0/20" }
    "eu-central-1b" = { id = "subnet-b", cidr = "10.40.16.0/20" }
    "eu-central-1c" = { id = "subnet-c", cidr = "10.40.32.0/20" }
  }
}

run "network" {
  module {
    source = "./modules/network"
  }
  variables {
    endpoint_zones = 2
  }
  assert {
    condition     = [for s in values(aws_subnet.private) : s.cidr_block] == ["10.40.0.0/20", "10.40.16.0/20", "10.40.32.0/20"] && alltrue([for s in aws_subnet.private : s.map_public_ip_on_launch == false])
    error_message = "A private subnet for each zone."
  }
  assert {
    condition     = [for r in values(aws_ec2_subnet_cidr_reservation.fixed) : r.cidr_block] == ["10.40.0.16/28", "10.40.16.16/28", "10.40.32.16/28"] && alltrue([for r in aws_ec2_subnet_cidr_reservation.fixed : r.reservation_type == "explicit"])
    error_message = "Addresses of etcd members are not given to others."
  }
  assert {
    condition     = aws_vpc.this.enable_dns_support && aws_vpc.this.enable_dns_hostnames
    error_message = "Private names of endpoints need both."
  }
  assert {
    condition     = aws_vpc_endpoint.s3.vpc_endpoint_type == "Gateway" && aws_vpc_endpoint.s3.service_name == "com.amazonaws.eu-central-1.s3"
    error_message = "Objects are reached without a charge."
  }
  assert {
    condition     = keys(aws_vpc_endpoint.interface) == ["autoscaling", "logs", "monitoring", "ssm", "ssmmessages"] && alltrue([for e in aws_vpc_endpoint.interface : e.private_dns_enabled && length(e.subnet_ids) == 2])
    error_message = "Endpoints of what machines call, in as many zones as asked for."
  }
  assert {
    condition     = aws_vpc_security_group_ingress_rule.endpoints.cidr_ipv4 == "10.40.0.0/16" && aws_vpc_security_group_ingress_rule.endpoints.from_port == 443
    error_message = "Only the VPC reaches endpoints."
  }
}

run "storage" {
  module {
    source = "./modules/storage"
  }
  variables {
    release_archive = "tests/fixtures/release.tar.gz"
    etcd_archive    = "tests/fixtures/etcd.tar.gz"
    undo_days       = 3
    allow_destroy   = false
  }
  assert {
    condition     = keys(aws_s3_bucket.this) == ["artifacts", "cold"] && alltrue([for b in aws_s3_bucket.this : b.force_destroy == false])
    error_message = "Buckets are not deleted with what is in them."
  }
  assert {
    condition     = alltrue([for b in aws_s3_bucket_public_access_block.this : b.block_public_acls && b.block_public_policy && b.ignore_public_acls && b.restrict_public_buckets])
    error_message = "Buckets are never public."
  }
  assert {
    condition     = alltrue([for b in aws_s3_bucket_ownership_controls.this : b.rule[0].object_ownership == "BucketOwnerEnforced"]) && length(aws_s3_bucket_ownership_controls.this) == 2
    error_message = "The account owns all objects."
  }
  assert {
    condition     = alltrue([for b in aws_s3_bucket_server_side_encryption_configuration.this : alltrue([for r in b.rule : r.bucket_key_enabled && r.apply_server_side_encryption_by_default[0].sse_algorithm == "aws:kms" && r.apply_server_side_encryption_by_default[0].kms_master_key_id == aws_kms_key.this.arn])])
    error_message = "The key of the cluster, with a bucket key."
  }
  assert {
    condition     = alltrue([for b in aws_s3_bucket_versioning.this : b.versioning_configuration[0].status == "Enabled"])
    error_message = "What was deleted can be brought back."
  }
  assert {
    condition     = length(aws_s3_bucket_lifecycle_configuration.this["cold"].rule) == 1 && alltrue([for r in aws_s3_bucket_lifecycle_configuration.this["cold"].rule : r.noncurrent_version_expiration[0].noncurrent_days == 3 && r.abort_incomplete_multipart_upload[0].days_after_initiation == 1 && coalesce(r.expiration[0].days, 0) == 0])
    error_message = "No rule expires an object of the cold tier."
  }
  assert {
    condition     = anytrue([for r in aws_s3_bucket_lifecycle_configuration.this["artifacts"].rule : r.id == "snapshots" && r.filter[0].prefix == "etcd/" && r.expiration[0].days == 7]) && anytrue([for r in aws_s3_bucket_lifecycle_configuration.this["artifacts"].rule : r.id == "housekeeping" && r.noncurrent_version_expiration[0].noncurrent_days == 90])
    error_message = "Snapshots go after a week, releases may be gone back to for ninety days."
  }
  assert {
    condition     = aws_kms_key.this.enable_key_rotation && aws_kms_key.this.deletion_window_in_days == 30
    error_message = "The key is rotated, and thirty days remain to keep it."
  }
  assert {
    condition     = jsondecode(aws_kms_key.this.policy).Statement[1].Condition.StringEquals == { "kms:CallerAccount" = "111122223333", "kms:ViaService" = "ec2.eu-central-1.amazonaws.com" }
    error_message = "Auto Scaling may use the key for volumes of this account only."
  }
  assert {
    condition     = aws_s3_object.archive["tidelog"].source_hash == filesha256("tests/fixtures/release.tar.gz") && aws_s3_object.archive["etcd"].source_hash == filesha256("tests/fixtures/etcd.tar.gz")
    error_message = "Another build is uploaded."
  }
  assert {
    condition     = output.releases["tidelog"] == { key = "releases/tidelog.tar.gz", version = "0123456789abcdef0123456789abcdef", sha256 = filesha256("tests/fixtures/release.tar.gz") }
    error_message = "Machines check what they fetch."
  }
}

run "machine" {
  module {
    source = "./modules/node_role"
  }
  variables {
    name           = "orders-hot"
    cluster        = "orders"
    role           = "hot"
    release_folder = "/opt/tidelog"
    packages       = ["java"]
    data_disk      = "nvme"
    environment    = { "node.env" = { TIDELOG_PROCESS_ROLES = "hot" } }
    units          = ["tidelog.service"]
    enabled_units  = ["tidelog.service"]
  }
  assert {
    condition = local.machine == {
      MACHINE_CLUSTER         = "orders"
      MACHINE_ROLE            = "hot"
      MACHINE_REGION          = "eu-central-1"
      MACHINE_NAMESPACE       = "tidelog/orders"
      MACHINE_DATA_DISK       = "nvme"
      MACHINE_PACKAGES        = "'java amazon-cloudwatch-agent rsyslog'"
      MACHINE_RELEASE_BUCKET  = "artifacts"
      MACHINE_RELEASE_KEY     = "releases/tidelog.tar.gz"
      MACHINE_RELEASE_VERSION = "v1"
      MACHINE_RELEASE_SHA256  = "abc"
      MACHINE_RELEASE_DIR     = "/opt/tidelog"
    }
    error_message = "What the scripts need."
  }
  assert {
    condition     = local.cloudwatch.logs.logs_collected.files.collect_list[0].log_group_name == "/tidelog/orders-hot" && local.cloudwatch.logs.metrics_collected.prometheus.emf_processor.metric_declaration[0].dimensions == [["role"]] && local.cloudwatch.logs.metrics_collected.prometheus.prometheus_config_path == "/etc/tidelog/scrape.yaml"
    error_message = "The journal is a log, and metrics are counted by role only."
  }
  assert {
    condition     = local.prometheus.scrape_configs[0].static_configs[0].targets == ["127.0.0.1:8080"] && local.prometheus.scrape_configs[0].metric_relabel_configs[0].action == "keep"
    error_message = "Metrics that are wanted are read."
  }
  assert {
    condition     = [for s in jsondecode(aws_iam_role_policy.this.policy).Statement : s.Sid] == ["Release", "Secrets", "KeyOfSecrets", "KeyOfBuckets", "Logs", "Sessions"]
    error_message = "What every machine may do."
  }
  assert {
    condition     = jsondecode(aws_iam_role_policy.this.policy).Statement[0].Resource == "arn:aws:s3:::artifacts/releases/tidelog.tar.gz" && jsondecode(aws_iam_role_policy.this.policy).Statement[1].Resource == ["arn:aws:ssm:eu-central-1:111122223333:parameter/orders/hot", "arn:aws:ssm:eu-central-1:111122223333:parameter/orders/hot/*"]
    error_message = "A machine reads its own role's secrets and its own software."
  }
  assert {
    condition     = jsondecode(aws_iam_role_policy.this.policy).Statement[2].Condition.StringLike == { "kms:EncryptionContext:PARAMETER_ARN" = "arn:aws:ssm:eu-central-1:111122223333:parameter/orders/hot/*" } && jsondecode(aws_iam_role_policy.this.policy).Statement[3].Condition.StringEquals == { "kms:ViaService" = "s3.eu-central-1.amazonaws.com" }
    error_message = "The key opens nothing else."
  }
  assert {
    condition     = aws_cloudwatch_log_group.journal.retention_in_days == 14 && aws_cloudwatch_log_group.metrics.retention_in_days == 14
    error_message = "Logs are not kept for ever."
  }
  assert {
    condition     = startswith(local.user_data, "#cloud-config\n") && strcontains(local.user_data, "no_create_home") && strcontains(local.user_data, "/etc/systemd/system/tidelog.service.d/aws.conf") && output.user_data == base64gzip(local.user_data)
    error_message = "User data is what cloud-init takes."
  }
}

run "machine_of_a_collector" {
  module {
    source = "./modules/node_role"
  }
  variables {
    name           = "orders-gateway"
    cluster        = "orders"
    role           = "gateway"
    release_folder = "/opt/tidelog"
    packages       = []
    data_disk      = "none"
    environment    = {}
    units          = ["tidelog.service"]
    enabled_units  = ["tidelog.service"]
    metrics        = { target = null, names = [] }
  }
  assert {
    condition     = local.cloudwatch.logs == { force_flush_interval = 5, logs_collected = local.cloudwatch.logs.logs_collected } && length(local.prometheus.scrape_configs) == 0
    error_message = "Nothing is read where metrics go to a collector."
  }
}

run "etcd" {
  module {
    source = "./modules/etcd"
  }
  assert {
    condition     = [for zone in local.zones : one(aws_network_interface.this[zone].private_ips)] == ["10.40.0.20", "10.40.16.20", "10.40.32.20"]
    error_message = "Members keep their addresses."
  }
  assert {
    condition     = alltrue([for v in aws_ebs_volume.this : v.encrypted && v.type == "gp3" && v.size == 20 && v.final_snapshot && v.kms_key_id == "arn:aws:kms:eu-central-1:111122223333:key/0"])
    error_message = "Volumes are encrypted and leave a snapshot."
  }
  assert {
    condition     = alltrue([for a in aws_volume_attachment.this : a.device_name == "/dev/sdf" && a.stop_instance_before_detaching])
    error_message = "Where the machine looks for its disk."
  }
  assert {
    condition     = alltrue([for i in aws_instance.this : i.metadata_options[0].http_tokens == "required" && i.metadata_options[0].http_put_response_hop_limit == 1 && i.metadata_options[0].http_endpoint == "enabled" && i.root_block_device[0].encrypted && i.maintenance_options[0].auto_recovery == "default"])
    error_message = "Members are hardened and recovered."
  }
  assert {
    condition     = local.environment["eu-central-1a"].ETCD_CLIENT_CERT_AUTH == "true" && local.environment["eu-central-1a"].ETCD_PEER_CLIENT_CERT_AUTH == "true" && local.environment["eu-central-1a"].ETCD_TRUSTED_CA_FILE == "/etc/tidelog/pki/ca.pem" && local.environment["eu-central-1a"].ETCD_PEER_TRUSTED_CA_FILE == "/etc/tidelog/pki/ca.pem"
    error_message = "TLS is mutual for clients and peers."
  }
  assert {
    condition     = local.environment["eu-central-1b"].ETCD_NAME == "etcd1" && local.environment["eu-central-1b"].ETCD_DATA_DIR == "/var/lib/tidelog/etcd" && local.environment["eu-central-1b"].ETCD_INITIAL_CLUSTER_STATE == "new" && length(split(",", local.environment["eu-central-1b"].ETCD_INITIAL_CLUSTER)) == 3
    error_message = "A member knows itself and the others."
  }
  assert {
    condition     = local.environment["eu-central-1a"].ETCD_QUOTA_BACKEND_BYTES == "4294967296" && local.environment["eu-central-1a"].ETCD_AUTO_COMPACTION_RETENTION == "1h" && local.environment["eu-central-1a"].ETCD_AUTO_COMPACTION_MODE == "periodic"
    error_message = "Its database is bounded."
  }
  assert {
    condition     = [for s in local.statements["eu-central-1c"] : s.Sid] == ["SaveSnapshots", "ReadSnapshots", "CountSnapshots"] && local.statements["eu-central-1c"][0].Resource == "arn:aws:s3:::artifacts/etcd/etcd2/*"
    error_message = "A member saves its own snapshots only."
  }
  assert {
    condition     = alltrue([for a in aws_cloudwatch_metric_alarm.status : a.treat_missing_data == "breaching" && a.alarm_actions == toset(var.alarm_topics)])
    error_message = "A member that is gone raises an alarm."
  }
}

run "hot_with_volumes" {
  module {
    source = "./modules/hot"
  }
  variables {
    node_count     = 6
    disk_gib       = 100
    instance_store = false
    force_delete   = false
  }
  assert {
    condition = local.environment == {
      TIDELOG_ETCD_PREFIX      = "/tidelog/orders/"
      TIDELOG_PROCESS_ROLES    = "hot"
      TIDELOG_LOG_DIR          = "/var/lib/tidelog"
      TIDELOG_INTERNAL_PORT    = "9093"
      TIDELOG_REPLICATION_PORT = "9094"
      TIDELOG_LOCAL_MAX_BYTES  = "85899345920"
    }
    error_message = "What a hot node is told."
  }
  assert {
    condition     = local.machine == { MACHINE_GROUP = "orders-hot", MACHINE_DRAIN_SECONDS = "21600" }
    error_message = "What its scripts need."
  }
  assert {
    condition     = [for s in local.statements : s.Sid] == ["ColdTier", "ListColdTier", "LifecycleHooks"] && local.statements[0].Resource == "arn:aws:s3:::cold/*" && endswith(local.statements[2].Resource, ":autoScalingGroup:*:autoScalingGroupName/orders-hot")
    error_message = "A hot node reads and writes the cold tier, and answers hooks of its own group."
  }
  assert {
    condition     = length(aws_launch_template.this.block_device_mappings) == 2 && alltrue([for d in aws_launch_template.this.block_device_mappings : d.ebs[0].encrypted == "true" && d.ebs[0].volume_type == "gp3" && d.ebs[0].delete_on_termination == "true" && d.ebs[0].kms_key_id == "arn:aws:kms:eu-central-1:111122223333:key/0"]) && aws_launch_template.this.block_device_mappings[1].device_name == "/dev/sdf" && aws_launch_template.this.block_device_mappings[1].ebs[0].volume_size == 100
    error_message = "A data volume, encrypted."
  }
  assert {
    condition     = aws_launch_template.this.metadata_options[0].http_tokens == "required" && aws_launch_template.this.metadata_options[0].http_put_response_hop_limit == 1 && aws_launch_template.this.metadata_options[0].http_endpoint == "enabled"
    error_message = "The metadata service wants a token, and answers the machine only."
  }
  assert {
    condition     = aws_autoscaling_group.this.min_size == 6 && aws_autoscaling_group.this.desired_capacity == 6 && aws_autoscaling_group.this.max_size == 12 && length(aws_autoscaling_group.this.vpc_zone_identifier) == 3
    error_message = "As many nodes as asked for, in three zones, and room for a refresh."
  }
  assert {
    condition     = aws_autoscaling_group.this.protect_from_scale_in && !aws_autoscaling_group.this.force_delete && aws_autoscaling_group.this.suspended_processes == toset(["AZRebalance"]) && aws_autoscaling_group.this.wait_for_capacity_timeout == "0" && aws_autoscaling_group.this.health_check_type == "EC2"
    error_message = "Only a drained node is removed, and nobody copies data in panic."
  }
  assert {
    condition     = aws_autoscaling_group.this.instance_refresh[0].preferences[0].min_healthy_percentage == 100 && aws_autoscaling_group.this.instance_refresh[0].preferences[0].max_healthy_percentage == 110 && aws_autoscaling_group.this.instance_refresh[0].preferences[0].scale_in_protected_instances == "Refresh" && aws_autoscaling_group.this.instance_refresh[0].preferences[0].auto_rollback && aws_autoscaling_group.this.instance_refresh[0].preferences[0].skip_matching
    error_message = "A new node joins before an old one leaves, one at a time."
  }
  assert {
    condition     = aws_autoscaling_group.this.instance_maintenance_policy[0].min_healthy_percentage == 100
    error_message = "So it is where a node is unhealthy."
  }
  assert {
    condition     = { for h in aws_autoscaling_group.this.initial_lifecycle_hook : h.name => [h.lifecycle_transition, h.default_result, tostring(h.heartbeat_timeout)] } == { ready = ["autoscaling:EC2_INSTANCE_LAUNCHING", "ABANDON", "3600"], drain = ["autoscaling:EC2_INSTANCE_TERMINATING", "CONTINUE", "900"] }
    error_message = "A node is in service when it is ready, and leaves when it is drained."
  }
  assert {
    condition     = contains(aws_autoscaling_group.this.enabled_metrics, "GroupInServiceInstances")
    error_message = "The alarm on missing nodes needs this metric."
  }
}

run "hot_with_nvme" {
  module {
    source = "./modules/hot"
  }
  variables {
    instance_type  = "i4g.xlarge"
    node_count     = 3
    disk_gib       = 872
    instance_store = true
    force_delete   = true
  }
  assert {
    condition     = length(aws_launch_template.this.block_device_mappings) == 1 && local.environment.TIDELOG_LOCAL_MAX_BYTES == "748398051328"
    error_message = "The disk of the machine, four fifths of it."
  }
}

run "gateways_plain" {
  module {
    source = "./modules/gateway"
  }
  variables {
    instance_types  = ["c7g.xlarge", "c8g.xlarge"]
    node_count      = 3
    threads         = 2
    spot_percentage = 50
    client_cidrs    = ["10.1.0.0/16", "10.40.0.0/16"]
    domain          = "kafka.internal"
    protect         = true
    destroyed_after = []
    advertise       = "zonal"
    certificate_arn = null
  }
  assert {
    condition = local.environment == {
      TIDELOG_ETCD_PREFIX                 = "/tidelog/orders/"
      TIDELOG_PROCESS_ROLES               = "gateway"
      TIDELOG_LOG_DIR                     = "/var/lib/tidelog"
      TIDELOG_NUM_NETWORK_THREADS         = "2"
      TIDELOG_CONNECTIONS_MAX_IDLE_MS     = "600000"
      TIDELOG_LISTENER_UNPROTECTED_ENABLE = "true"
      TIDELOG_SHUTDOWN_DELAY_MS           = "25000"
    }
    error_message = "What a gateway is told."
  }
  assert {
    condition     = local.machine.MACHINE_ADVERTISED == "eu-central-1a=eu-central-1a.orders-0.elb.eu-central-1.amazonaws.com:9092,eu-central-1b=eu-central-1b.orders-0.elb.eu-central-1.amazonaws.com:9092,eu-central-1c=eu-central-1c.orders-0.elb.eu-central-1.amazonaws.com:9092"
    error_message = "What a gateway tells clients, by its zone."
  }
  assert {
    condition     = [for s in local.statements : s.Sid] == ["ReadColdTier", "ListColdTier", "ProbeColdTier"] && local.statements[2].Resource == "arn:aws:s3:::cold/tidelog-probe/*" && local.statements[0].Action == ["s3:GetObject"]
    error_message = "A gateway only reads the cold tier, and probes it."
  }
  assert {
    condition     = aws_lb.this.internal && aws_lb.this.load_balancer_type == "network" && aws_lb.this.enable_cross_zone_load_balancing == false && aws_lb.this.enable_deletion_protection && length(aws_lb.this.subnets) == 3
    error_message = "The load balancer is internal, keeps to zones, and is protected."
  }
  assert {
    condition     = aws_lb_target_group.this.port == 9092 && aws_lb_target_group.this.protocol == "TCP" && aws_lb_target_group.this.target_type == "instance" && aws_lb_target_group.this.preserve_client_ip == "true" && aws_lb_target_group.this.deregistration_delay == "120" && aws_lb_target_group.this.connection_termination
    error_message = "Gateways see addresses of clients, and connections end with them."
  }
  assert {
    condition     = aws_lb_target_group.this.health_check[0].path == "/health/ready" && aws_lb_target_group.this.health_check[0].port == "8081" && aws_lb_target_group.this.health_check[0].protocol == "HTTP" && aws_lb_target_group.this.health_check[0].matcher == "200" && aws_lb_target_group.this.health_check[0].interval == 10 && aws_lb_target_group.this.health_check[0].unhealthy_threshold == 2
    error_message = "Only gateways that are ready get clients."
  }
  assert {
    condition     = aws_lb_listener.this.port == 9092 && aws_lb_listener.this.protocol == "TCP" && aws_lb_listener.this.tcp_idle_timeout_seconds == 900
    error_message = "Idle connections of clients outlive their own limit of nine minutes."
  }
  assert {
    condition     = { for r in aws_vpc_security_group_ingress_rule.load_balancer : tostring(r.from_port) => r.to_port } == { "9092" = 9092, "8081" = 8081 } && { for r in aws_vpc_security_group_egress_rule.load_balancer : tostring(r.from_port) => r.to_port } == { "9092" = 9092, "8081" = 8081 } && length(aws_vpc_security_group_ingress_rule.direct) == 0
    error_message = "Only the load balancer reaches gateways."
  }
  assert {
    condition     = keys(aws_vpc_security_group_ingress_rule.clients) == ["10.1.0.0/16", "10.40.0.0/16"] && alltrue([for r in aws_vpc_security_group_ingress_rule.clients : r.from_port == 9092 && r.to_port == 9092])
    error_message = "Clients reach the load balancer, on one port."
  }
  assert {
    condition     = aws_autoscaling_group.this.min_size == 3 && aws_autoscaling_group.this.max_size == 12 && aws_autoscaling_group.this.health_check_type == "ELB" && aws_autoscaling_group.this.capacity_rebalance && length(aws_autoscaling_group.this.target_group_arns) == 1 && aws_autoscaling_group.this.health_check_grace_period == 600
    error_message = "Gateways are replaced when they are not ready."
  }
  assert {
    condition     = aws_autoscaling_group.this.mixed_instances_policy[0].instances_distribution[0].on_demand_base_capacity == 3 && aws_autoscaling_group.this.mixed_instances_policy[0].instances_distribution[0].on_demand_percentage_above_base_capacity == 50 && [for o in aws_autoscaling_group.this.mixed_instances_policy[0].launch_template[0].override : o.instance_type] == ["c7g.xlarge", "c8g.xlarge"]
    error_message = "Spot instances only above the smallest number, of any type."
  }
  assert {
    condition     = aws_autoscaling_group.this.instance_refresh[0].preferences[0].min_healthy_percentage == 100 && aws_autoscaling_group.this.instance_refresh[0].preferences[0].max_healthy_percentage == 134 && aws_autoscaling_group.this.instance_refresh[0].preferences[0].auto_rollback
    error_message = "A new gateway is ready before an old one leaves."
  }
  assert {
    condition     = one(aws_autoscaling_policy.cpu.target_tracking_configuration).target_value == 60 && aws_autoscaling_policy.cpu.policy_type == "TargetTrackingScaling"
    error_message = "Gateways scale by CPU."
  }
  assert {
    condition     = aws_launch_template.this.metadata_options[0].http_tokens == "required" && aws_launch_template.this.metadata_options[0].http_put_response_hop_limit == 1 && aws_launch_template.this.block_device_mappings[0].ebs[0].encrypted == "true"
    error_message = "Gateways are hardened."
  }
}

run "gateways_with_tls" {
  module {
    source = "./modules/gateway"
  }
  variables {
    instance_types  = ["c7g.xlarge", "c8g.xlarge"]
    node_count      = 3
    threads         = 2
    spot_percentage = 50
    client_cidrs    = ["10.1.0.0/16", "10.40.0.0/16"]
    domain          = "kafka.internal"
    protect         = true
    destroyed_after = []
    advertise       = "zonal"
    certificate_arn = "arn:aws:acm:eu-central-1:111122223333:certificate/0"
  }
  assert {
    condition     = aws_lb_listener.this.port == 9094 && aws_lb_listener.this.protocol == "TLS" && aws_lb_listener.this.ssl_policy == "ELBSecurityPolicy-TLS13-1-2-2021-06" && aws_lb_listener.this.certificate_arn == "arn:aws:acm:eu-central-1:111122223333:certificate/0"
    error_message = "TLS 1.2 or newer ends at the load balancer."
  }
  assert {
    condition     = aws_lb_target_group.this.port == 9092 && aws_lb_target_group.this.protocol == "TCP"
    error_message = "Behind it is plaintext."
  }
  assert {
    condition     = local.environment.TIDELOG_CONNECTIONS_MAX_IDLE_MS == "300000"
    error_message = "Gateways close idle connections before a TLS listener does, after 350 s."
  }
  assert {
    condition     = local.machine.MACHINE_ADVERTISED == "eu-central-1a=eu-central-1a.kafka.internal:9094,eu-central-1b=eu-central-1b.kafka.internal:9094,eu-central-1c=eu-central-1c.kafka.internal:9094"
    error_message = "Advertised names are those of the certificate."
  }
  assert {
    condition     = { for zone, r in aws_route53_record.zonal : r.name => one(r.records) } == { for zone in local.zones : "${zone}.kafka.internal" => "${zone}.orders-0.elb.eu-central-1.amazonaws.com" } && one(aws_route53_zone.this).name == "kafka.internal" && length(one(aws_route53_zone.this).vpc) == 1
    error_message = "They lead to the load balancer, from this VPC."
  }
}

run "gateways_direct" {
  module {
    source = "./modules/gateway"
  }
  variables {
    instance_types  = ["c7g.xlarge", "c8g.xlarge"]
    node_count      = 3
    threads         = 2
    spot_percentage = 50
    client_cidrs    = ["10.1.0.0/16", "10.40.0.0/16"]
    domain          = "kafka.internal"
    protect         = true
    destroyed_after = []
    advertise       = "direct"
    certificate_arn = null
  }
  assert {
    condition     = local.machine.MACHINE_ADVERTISED == "" && keys(aws_vpc_security_group_ingress_rule.direct) == ["10.1.0.0/16", "10.40.0.0/16"] && alltrue([for r in aws_vpc_security_group_ingress_rule.direct : r.from_port == 9092 && r.to_port == 9092])
    error_message = "Gateways tell clients their own address, and clients reach it."
  }
}

run "observe" {
  module {
    source = "./modules/observe"
  }
  variables {
    hot_group          = "orders-hot"
    hot_nodes          = 3
    gateway_group      = "orders-gateway"
    load_balancer      = { load_balancer = "net/orders/0", target_group = "targetgroup/orders/0" }
    log_groups         = ["/tidelog/orders-hot"]
    flow_logs          = "REJECT"
    alarm_topic        = "arn:aws:sns:eu-central-1:111122223333:orders-alarms"
    has_node_metrics   = true
    monthly_budget_usd = 500
  }
  assert {
    condition     = output.alarm_names == sort([for name in ["cold-alarm", "cold-damaged", "cold-failures", "connections", "copies-broken", "copies-full", "copies-unopened", "damaged-reads", "etcd-elections", "etcd-leader", "etcd-size", "etcd-snapshots", "gateways-ready", "hot-in-service", "log-broken", "log-full", "refused", "uncertain"] : "orders-${name}"])
    error_message = "These alarms."
  }
  assert {
    condition     = alltrue([for a in aws_cloudwatch_metric_alarm.service : a.namespace == "tidelog/orders" && a.comparison_operator == "GreaterThanOrEqualToThreshold" && a.alarm_actions == toset([var.alarm_topic]) && a.ok_actions == toset([var.alarm_topic]) && length(a.alarm_description) > 30])
    error_message = "Every alarm tells somebody what to do."
  }
  assert {
    condition     = [for name in ["log-broken", "connections", "etcd-size"] : aws_cloudwatch_metric_alarm.service[name].treat_missing_data] == ["breaching", "breaching", "breaching"]
    error_message = "Silence of a role is an alarm."
  }
  assert {
    condition     = aws_cloudwatch_metric_alarm.etcd_snapshots.period == 900 && aws_cloudwatch_metric_alarm.etcd_snapshots.threshold == 7 && aws_cloudwatch_metric_alarm.etcd_snapshots.comparison_operator == "LessThanThreshold" && aws_cloudwatch_metric_alarm.etcd_snapshots.treat_missing_data == "breaching"
    error_message = "Missing snapshots raise an alarm."
  }
  assert {
    condition     = aws_cloudwatch_metric_alarm.etcd_leader.statistic == "Minimum" && aws_cloudwatch_metric_alarm.etcd_leader.comparison_operator == "LessThanThreshold" && aws_cloudwatch_metric_alarm.etcd_leader.threshold == 1 && aws_cloudwatch_metric_alarm.etcd_leader.treat_missing_data == "breaching"
    error_message = "So does a member without a leader."
  }
  assert {
    condition     = aws_cloudwatch_metric_alarm.hot_in_service.threshold == 3 && aws_cloudwatch_metric_alarm.hot_in_service.comparison_operator == "LessThanThreshold" && aws_cloudwatch_metric_alarm.gateways_ready.statistic == "Minimum" && aws_cloudwatch_metric_alarm.gateways_ready.treat_missing_data == "breaching"
    error_message = "And missing machines."
  }
  assert {
    condition     = length(jsondecode(aws_cloudwatch_dashboard.this.dashboard_body).widgets) == 16
    error_message = "The dashboard has all charts."
  }
  assert {
    condition     = aws_flow_log.this.traffic_type == "REJECT" && aws_flow_log.this.log_destination_type == "cloud-watch-logs" && aws_cloudwatch_log_group.flows.retention_in_days == 14
    error_message = "Refused connections are logged."
  }
  assert {
    condition     = aws_budgets_budget.month[0].limit_amount == "500" && one([for f in aws_budgets_budget.month[0].cost_filter : one(f.values)]) == "user:Cluster$orders" && length(aws_budgets_budget.month[0].notification) == 2
    error_message = "The costs of this cluster are watched."
  }
}

run "observe_with_a_collector" {
  module {
    source = "./modules/observe"
  }
  variables {
    hot_group          = "orders-hot"
    hot_nodes          = 3
    gateway_group      = "orders-gateway"
    load_balancer      = { load_balancer = "net/orders/0", target_group = "targetgroup/orders/0" }
    log_groups         = ["/tidelog/orders-hot"]
    flow_logs          = "REJECT"
    alarm_topic        = "arn:aws:sns:eu-central-1:111122223333:orders-alarms"
    has_node_metrics   = false
    monthly_budget_usd = null
  }
  assert {
    condition     = output.alarm_names == tolist(["orders-etcd-elections", "orders-etcd-leader", "orders-etcd-size", "orders-etcd-snapshots", "orders-gateways-ready", "orders-hot-in-service"]) && length(aws_budgets_budget.month) == 0
    error_message = "What the collector has is alarmed on there."
  }
}
