/**
 * The node's metrics, through the OpenTelemetry SDK, in Prometheus' text format. Every instrument
 * is observed at a scrape from counters the parts keep anyway; nothing is counted twice.
 */
@NullMarked
package io.tidelog.app.telemetry;

import org.jspecify.annotations.NullMarked;
