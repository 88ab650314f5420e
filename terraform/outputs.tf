output "bootstrap_servers" {
  description = "Value of bootstrap.servers for any Kafka client."
  value       = module.gateway.bootstrap_servers
}

output "client_properties" {
  description = "Properties file for Kafka's own command line tools: terraform output -raw client_properties > client.properties."
  value       = module.gateway.client_properties
}

output "network" {
  description = "What other networks are connected to: the VPC, its route table, and the private zone of the advertised names, null without a certificate."
  value = {
    vpc_id         = module.network.vpc_id
    route_table_id = module.network.route_table_id
    zone_id        = module.gateway.zone_id
  }
}

output "cold_bucket" {
  description = "Bucket of the cold tier."
  value       = module.storage.cold_bucket.name
}

output "artifact_bucket" {
  description = "Bucket of releases, and of etcd's snapshots below etcd/."
  value       = module.storage.artifact_bucket.name
}

output "etcd_endpoints" {
  description = "Client endpoints of etcd inside the VPC."
  value       = module.etcd.endpoints
}

output "dashboard_url" {
  description = "The cluster in CloudWatch."
  value       = module.observe.dashboard_url
}

output "alarm_topic" {
  description = "SNS topic of all alarms, for subscriptions other than e-mail."
  value       = aws_sns_topic.alarms.arn
}

output "operations" {
  description = "What the scripts in scripts/ need to know."
  value = {
    name          = var.name
    region        = var.region
    bucket        = module.storage.artifact_bucket.name
    key           = "alias/${var.name}"
    hot_group     = module.hot.autoscaling_group
    gateway_group = module.gateway.autoscaling_group
    etcd          = module.etcd.members
  }
}
