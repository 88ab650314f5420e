# A small cluster to try and to throw away.
name            = "orders-dev"
environment     = "dev"
region          = "eu-central-1"
size            = "small"
release_archive = "../dist/tidelog.tar.gz"
etcd_archive    = "../dist/etcd-linux-arm64.tar.gz"

client_cidrs          = ["10.0.0.0/8"]
hot_retention_hours   = 6
object_retention_days = 2
object_undo_days      = 1
log_retention_days    = 3
allow_destroy         = true
