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
    condition     = length(split(",", output.bootstrap_servers)) == 3
    error_message = "One bootstrap server for each zone."
  }
}
