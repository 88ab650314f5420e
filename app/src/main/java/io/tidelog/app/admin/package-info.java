/**
 * The admin endpoint: metrics and health over HTTP on loopback, served on one event loop of its
 * own.
 */
@NullMarked
package io.tidelog.app.admin;

import org.jspecify.annotations.NullMarked;
