/**
 * The admin endpoint: metrics, health and pending records over HTTP on loopback, served on one
 * event loop of its own.
 */
@NullMarked
package io.tidelog.app.admin;

import org.jspecify.annotations.NullMarked;
