# A cluster for production. Everything that is not said has the default in variables.tf.
name            = "orders"
environment     = "prod"
region          = "eu-central-1"
zones           = ["eu-central-1a", "eu-central-1b", "eu-central-1c"]
size            = "medium"
release_archive = "../dist/tidelog.tar.gz"
etcd_archive    = "../dist/etcd-linux-arm64.tar.gz"

vpc_cidr     = "10.40.0.0/16"
client_cidrs = ["10.1.0.0/16"]
client_zones = {
  "10.1.0.0/20"  = "eu-central-1a"
  "10.1.16.0/20" = "eu-central-1b"
  "10.1.32.0/20" = "eu-central-1c"
}
certificate_arn = "arn:aws:acm:eu-central-1:111122223333:certificate/00000000-0000-0000-0000-000000000000"
domain          = "kafka.example.internal"

gateway_spot_percentage = 0
hot_retention_hours     = 24
object_retention_days   = 7
object_undo_days        = 3
endpoint_zones          = 3
log_retention_days      = 30
alarm_emails            = ["oncall@example.com"]
monthly_budget_usd      = 8000
allow_destroy           = false
