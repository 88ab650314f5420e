# Nothing is wrong but the script.
terraform {
  required_version = ">= 1.9"
}
