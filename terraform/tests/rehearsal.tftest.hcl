# A cluster whose addresses are known, so that what its machines are told can be started on one machine: on
# its loopback network, or in network namespaces that have the addresses of the subnets. Gateways and hot
# nodes have no address before they start: theirs come from the metadata service that the rehearsal plays.
mock_provider "aws" {
  source = "./tests/mocks"
}

variables {
  name            = "orders"
  release_archive = "tests/fixtures/release.tar.gz"
  etcd_archive    = "tests/fixtures/etcd.tar.gz"
}

override_resource {
  target = module.gateway.aws_lb.this
  values = {
    arn        = "arn:aws:elasticloadbalancing:eu-central-1:111122223333:loadbalancer/net/orders/0"
    arn_suffix = "net/orders/0"
    dns_name   = "kafka.rehearsal"
  }
}

run "loopback" {
  override_resource {
    target = module.etcd.aws_network_interface.this["eu-central-1a"]
    values = { private_ip = "127.0.0.11" }
  }
  override_resource {
    target = module.etcd.aws_network_interface.this["eu-central-1b"]
    values = { private_ip = "127.0.0.12" }
  }
  override_resource {
    target = module.etcd.aws_network_interface.this["eu-central-1c"]
    values = { private_ip = "127.0.0.13" }
  }
  assert {
    condition     = output.etcd_endpoints == "https://127.0.0.11:2379,https://127.0.0.12:2379,https://127.0.0.13:2379"
    error_message = "Members are reached under the addresses of their interfaces."
  }
  assert {
    condition     = output.bootstrap_servers == "eu-central-1a.kafka.rehearsal:9092,eu-central-1b.kafka.rehearsal:9092,eu-central-1c.kafka.rehearsal:9092"
    error_message = "Clients are given names of the load balancer."
  }
}

run "network" {
  state_key = "network"

  override_resource {
    target = module.etcd.aws_network_interface.this["eu-central-1a"]
    values = { private_ip = "10.40.0.20" }
  }
  override_resource {
    target = module.etcd.aws_network_interface.this["eu-central-1b"]
    values = { private_ip = "10.40.16.20" }
  }
  override_resource {
    target = module.etcd.aws_network_interface.this["eu-central-1c"]
    values = { private_ip = "10.40.32.20" }
  }
  assert {
    condition     = output.etcd_endpoints == "https://10.40.0.20:2379,https://10.40.16.20:2379,https://10.40.32.20:2379"
    error_message = "Members are reached under the addresses of their interfaces."
  }
  assert {
    condition     = output.bootstrap_servers == "eu-central-1a.kafka.rehearsal:9092,eu-central-1b.kafka.rehearsal:9092,eu-central-1c.kafka.rehearsal:9092"
    error_message = "Clients are given names of the load balancer."
  }
}
