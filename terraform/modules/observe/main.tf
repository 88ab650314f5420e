# What an operator looks at and is told: dashboard, alarms, refused connections, costs.
variable "name" {
  description = "Cluster name."
  type        = string
}

variable "region" {
  description = "AWS region."
  type        = string
}

variable "vpc_id" {
  description = "The VPC."
  type        = string
}

variable "has_node_metrics" {
  description = "Whether CloudWatch has the metrics of gateways and hot nodes; otherwise they go to a collector, and so do the alarms on them."
  type        = bool
}

variable "hot_group" {
  description = "Auto Scaling group of the hot nodes."
  type        = string
}

variable "hot_nodes" {
  description = "How many hot nodes there are to be."
  type        = number
}

variable "gateway_group" {
  description = "Auto Scaling group of the gateways."
  type        = string
}

variable "load_balancer" {
  description = "Load balancer and target group as CloudWatch names them."
  type        = object({ load_balancer = string, target_group = string })
}

variable "log_groups" {
  description = "Log groups of the journals."
  type        = list(string)
}

variable "flow_logs" {
  description = "Which connections are logged: REJECT or ALL."
  type        = string
}

variable "log_retention_days" {
  description = "How long logs are kept."
  type        = number
}

variable "alarm_topic" {
  description = "SNS topic of alarms."
  type        = string
}

variable "monthly_budget_usd" {
  description = "What a month may cost, in USD; null for no budget."
  type        = number
}

data "aws_caller_identity" "current" {}

locals {
  namespace = "tidelog/${var.name}"

  # Alarms on metrics of Tidelog (docs/metrics.md) and etcd, all by role. Each says in its description
  # what to do. missing: what no data means; breaching where it means that nobody is there to tell.
  node_alarms = {
    log-broken      = { role = "hot", metric = "tidelog_log_broken", statistic = "Maximum", threshold = 1, minutes = 3, missing = "breaching", what = "A log led by a hot node refuses everything until a restart: see its journal, then restart it." }
    log-full        = { role = "hot", metric = "tidelog_log_full", statistic = "Maximum", threshold = 1, minutes = 1, missing = "notBreaching", what = "A hot node refuses appends, its disk is full: see whether the cold tier takes objects, then raise hot_nodes." }
    copies-full     = { role = "hot", metric = "tidelog_log_copies_full", statistic = "Maximum", threshold = 1, minutes = 2, missing = "notBreaching", what = "A follower takes nothing, its disk is full: as for log-full." }
    copies-broken   = { role = "hot", metric = "tidelog_log_copies_broken", statistic = "Maximum", threshold = 1, minutes = 2, missing = "notBreaching", what = "A copy of a log stopped until a restart: see the journal of that node, then restart it." }
    copies-unopened = { role = "hot", metric = "tidelog_log_copies_not_opened", statistic = "Maximum", threshold = 1, minutes = 5, missing = "notBreaching", what = "A log that a node is to hold cannot be opened; its journal says why." }
    damaged-reads   = { role = "hot", metric = "tidelog_log_damaged_reads_total", statistic = "Sum", threshold = 1, minutes = 5, missing = "notBreaching", what = "A disk gave other bytes than were written: replace that node (README: a node is lost)." }
    uncertain       = { role = "hot", metric = "tidelog_log_uncertain_total", statistic = "Sum", threshold = 1000, minutes = 5, missing = "notBreaching", what = "Many appends of unknown outcome: producers see timeouts. Look for a slow disk or network." }
    cold-alarm      = { role = "hot", metric = "tidelog_cold_alarm", statistic = "Maximum", threshold = 1, minutes = 5, missing = "notBreaching", what = "Offloading fails: see a hot node's journal, the bucket's policy and the key. Disks fill meanwhile." }
    cold-damaged    = { role = "gateway", metric = "tidelog_cold_read_damaged_total", statistic = "Sum", threshold = 1, minutes = 5, missing = "notBreaching", what = "An object of the cold tier has a wrong checksum: bring its last version back." }
    cold-failures   = { role = "gateway", metric = "tidelog_cold_read_failures_total", statistic = "Sum", threshold = 100, minutes = 5, missing = "notBreaching", what = "Reads of the bucket fail: see a gateway's journal, the gateway endpoint and the key." }
    connections     = { role = "gateway", metric = "tidelog_gateway_connections", statistic = "Maximum", threshold = 16000, minutes = 5, missing = "breaching", what = "A gateway has 80 % of max.connections, or none tells: raise gateways, or look whether clients leak connections." }
    refused         = { role = "gateway", metric = "tidelog_gateway_refused_total", statistic = "Sum", threshold = 100, minutes = 5, missing = "notBreaching", what = "Connections are closed at once, over a limit: see a gateway's journal." }
  }
  etcd_alarms = {
    etcd-size      = { role = "etcd", metric = "etcd_mvcc_db_total_size_in_bytes", statistic = "Maximum", threshold = 3221225472, minutes = 5, missing = "breaching", what = "etcd has used three quarters of its quota, or does not tell: compact and defragment it, look for too many topics." }
    etcd-elections = { role = "etcd", metric = "etcd_server_leader_changes_seen_total", statistic = "Sum", threshold = 15, minutes = 15, missing = "notBreaching", what = "etcd elects leaders again and again: look for a slow disk or network of a member." }
  }
  alarms = merge(var.has_node_metrics ? local.node_alarms : {}, local.etcd_alarms)

  series = {
    gateway = { role = "gateway" }
    hot     = { role = "hot" }
    etcd    = { role = "etcd" }
  }
  # title, role, statistic, metrics
  charts = concat(var.has_node_metrics ? [
    ["Clients: connections of a gateway", "gateway", "Maximum", ["tidelog_gateway_connections"]],
    ["Requests", "gateway", "Sum", ["tidelog_gateway_requests_total", "tidelog_forward_lost_total", "tidelog_gateway_refused_total"]],
    ["Bytes between gateways and hot nodes", "gateway", "Sum", ["tidelog_forward_sent_bytes_total", "tidelog_forward_answer_bytes_total"]],
    ["Appended bytes", "hot", "Sum", ["tidelog_log_appended_bytes_total", "tidelog_cold_uploaded_bytes_total"]],
    ["Appended records", "hot", "Sum", ["tidelog_log_appended_records_total", "tidelog_log_refused_total", "tidelog_log_uncertain_total"]],
    ["Syncs: number and microseconds", "hot", "Sum", ["tidelog_log_syncs_total", "tidelog_log_sync_time_microseconds_total"]],
    ["Hot tier: bytes of a node, and not yet in the cold tier", "hot", "Maximum", ["tidelog_log_local_bytes", "tidelog_cold_lag_bytes"]],
    ["Reads of the cold tier", "gateway", "Sum", ["tidelog_cold_read_bytes_total", "tidelog_cold_read_failures_total", "tidelog_cold_read_damaged_total"]],
    ["Copies of logs of a node", "hot", "Maximum", ["tidelog_log_copies", "tidelog_log_copies_full", "tidelog_log_copies_broken", "tidelog_log_copies_not_opened"]],
    ["Alarms: 1 is bad", "hot", "Maximum", ["tidelog_log_full", "tidelog_log_broken", "tidelog_cold_alarm", "tidelog_log_damaged_reads_total"]],
    ] : [], [
    ["etcd", "etcd", "Maximum", ["etcd_mvcc_db_total_size_in_bytes", "etcd_server_leader_changes_seen_total"]],
  ])
  widgets = concat(
    [for chart in local.charts : {
      title = chart[0], metrics = [for metric in chart[3] : [local.namespace, metric, "role", chart[1], { stat = chart[2] }]]
    }],
    [
      { title = "Gateways that are ready", metrics = [for kind in ["HealthyHostCount", "UnHealthyHostCount"] :
      ["AWS/NetworkELB", kind, "TargetGroup", var.load_balancer.target_group, "LoadBalancer", var.load_balancer.load_balancer, { stat = "Minimum" }]] },
      { title = "Load balancer: bytes", metrics = [["AWS/NetworkELB", "ProcessedBytes", "LoadBalancer", var.load_balancer.load_balancer, { stat = "Sum" }]] },
      { title = "CPU", metrics = [for group in [var.gateway_group, var.hot_group] :
      ["AWS/EC2", "CPUUtilization", "AutoScalingGroupName", group, { stat = "Average" }]] },
      { title = "Machines in service", metrics = [for group in [var.gateway_group, var.hot_group] :
      ["AWS/AutoScaling", "GroupInServiceInstances", "AutoScalingGroupName", group, { stat = "Minimum" }]] },
    ],
  )
}

resource "aws_cloudwatch_metric_alarm" "service" {
  for_each = local.alarms

  alarm_name          = "${var.name}-${each.key}"
  alarm_description   = each.value.what
  namespace           = local.namespace
  metric_name         = each.value.metric
  dimensions          = local.series[each.value.role]
  statistic           = each.value.statistic
  period              = 60 * each.value.minutes
  evaluation_periods  = 1
  threshold           = each.value.threshold
  comparison_operator = "GreaterThanOrEqualToThreshold"
  treat_missing_data  = each.value.missing
  alarm_actions       = [var.alarm_topic]
  ok_actions          = [var.alarm_topic]
}

resource "aws_cloudwatch_metric_alarm" "etcd_leader" {
  alarm_name          = "${var.name}-etcd-leader"
  alarm_description   = "An etcd member has no leader: see README, an etcd member is lost."
  namespace           = local.namespace
  metric_name         = "etcd_server_has_leader"
  dimensions          = local.series.etcd
  statistic           = "Minimum"
  period              = 60
  evaluation_periods  = 2
  threshold           = 1
  comparison_operator = "LessThanThreshold"
  treat_missing_data  = "breaching"
  alarm_actions       = [var.alarm_topic]
  ok_actions          = [var.alarm_topic]
}

# Three members save one every five minutes: nine, give or take one.
resource "aws_cloudwatch_metric_alarm" "etcd_snapshots" {
  alarm_name          = "${var.name}-etcd-snapshots"
  alarm_description   = "A member of etcd saves no snapshots, or none does: s3://ARTIFACTS/etcd/ says which; see the journal of etcd-backup.service there."
  namespace           = local.namespace
  metric_name         = "etcd_snapshots_saved"
  statistic           = "Sum"
  period              = 900
  evaluation_periods  = 1
  threshold           = 7
  comparison_operator = "LessThanThreshold"
  treat_missing_data  = "breaching"
  alarm_actions       = [var.alarm_topic]
  ok_actions          = [var.alarm_topic]
}

resource "aws_cloudwatch_metric_alarm" "gateways_ready" {
  alarm_name          = "${var.name}-gateways-ready"
  alarm_description   = "A zone has no gateway that is ready, so clients are told the other zones' only: see a gateway's journal."
  namespace           = "AWS/NetworkELB"
  metric_name         = "HealthyHostCount"
  dimensions          = { LoadBalancer = var.load_balancer.load_balancer, TargetGroup = var.load_balancer.target_group }
  statistic           = "Minimum"
  period              = 60
  evaluation_periods  = 3
  threshold           = 1
  comparison_operator = "LessThanThreshold"
  treat_missing_data  = "breaching"
  alarm_actions       = [var.alarm_topic]
  ok_actions          = [var.alarm_topic]
}

resource "aws_cloudwatch_metric_alarm" "hot_in_service" {
  alarm_name          = "${var.name}-hot-in-service"
  alarm_description   = "Fewer hot nodes are in service than there are to be: see README, a node is lost."
  namespace           = "AWS/AutoScaling"
  metric_name         = "GroupInServiceInstances"
  dimensions          = { AutoScalingGroupName = var.hot_group }
  statistic           = "Minimum"
  period              = 60
  evaluation_periods  = 15
  threshold           = var.hot_nodes
  comparison_operator = "LessThanThreshold"
  treat_missing_data  = "breaching"
  alarm_actions       = [var.alarm_topic]
  ok_actions          = [var.alarm_topic]
}

resource "aws_cloudwatch_dashboard" "this" {
  dashboard_name = var.name
  dashboard_body = jsonencode({
    widgets = concat(
      [for i, widget in local.widgets : {
        type   = "metric"
        x      = (i % 3) * 8
        y      = floor(i / 3) * 6
        width  = 8
        height = 6
        properties = {
          title   = widget.title
          region  = var.region
          period  = 60
          view    = "timeSeries"
          stacked = false
          metrics = widget.metrics
        }
      }],
      [{
        type   = "log"
        x      = 0
        y      = ceil(length(local.widgets) / 3) * 6
        width  = 24
        height = 8
        properties = {
          title  = "Warnings and errors of all machines"
          region = var.region
          view   = "table"
          query = join(" | ", concat(
            [for group in var.log_groups : "SOURCE '${group}'"],
            ["fields @timestamp, @logStream, @message", "filter @message like /WARN|ERROR|tidelog-/", "sort @timestamp desc", "limit 100"],
          ))
        }
      }],
    )
  })
}

resource "aws_cloudwatch_log_group" "flows" {
  name              = "/tidelog/${var.name}/flows"
  retention_in_days = var.log_retention_days
}

resource "aws_iam_role" "flows" {
  name = "${var.name}-flow-logs-${var.region}"
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRole"
      Principal = { Service = "vpc-flow-logs.amazonaws.com" }
      Condition = { StringEquals = { "aws:SourceAccount" = data.aws_caller_identity.current.account_id } }
    }]
  })
}

resource "aws_iam_role_policy" "flows" {
  name = "logs"
  role = aws_iam_role.flows.id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid      = "Logs"
        Effect   = "Allow"
        Action   = ["logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents"]
        Resource = "${aws_cloudwatch_log_group.flows.arn}:*"
      },
      {
        # Of no group in particular, says AWS.
        Sid      = "FindLogs"
        Effect   = "Allow"
        Action   = ["logs:DescribeLogGroups"]
        Resource = "*"
      },
    ]
  })
}

resource "aws_flow_log" "this" {
  vpc_id                   = var.vpc_id
  traffic_type             = var.flow_logs
  log_destination_type     = "cloud-watch-logs"
  log_destination          = aws_cloudwatch_log_group.flows.arn
  iam_role_arn             = aws_iam_role.flows.arn
  max_aggregation_interval = 600
}

resource "aws_budgets_budget" "month" {
  count = var.monthly_budget_usd == null ? 0 : 1

  name         = "${var.name}-month"
  budget_type  = "COST"
  time_unit    = "MONTHLY"
  limit_amount = tostring(var.monthly_budget_usd)
  limit_unit   = "USD"

  cost_filter {
    name   = "TagKeyValue"
    values = [format("user:Cluster$%s", var.name)]
  }

  dynamic "notification" {
    for_each = { FORECASTED = 100, ACTUAL = 80 }
    content {
      notification_type         = notification.key
      threshold                 = notification.value
      threshold_type            = "PERCENTAGE"
      comparison_operator       = "GREATER_THAN"
      subscriber_sns_topic_arns = [var.alarm_topic]
    }
  }
}

output "dashboard_url" {
  description = "The dashboard in CloudWatch's console."
  value       = "https://${var.region}.console.aws.amazon.com/cloudwatch/home?region=${var.region}#dashboards/dashboard/${aws_cloudwatch_dashboard.this.dashboard_name}"
}

output "alarm_names" {
  description = "Names of all alarms here."
  value = sort(concat(
    [for alarm in aws_cloudwatch_metric_alarm.service : alarm.alarm_name],
    [for alarm in [
      aws_cloudwatch_metric_alarm.etcd_leader, aws_cloudwatch_metric_alarm.etcd_snapshots,
      aws_cloudwatch_metric_alarm.gateways_ready, aws_cloudwatch_metric_alarm.hot_in_service,
    ] : alarm.alarm_name],
  ))
}
