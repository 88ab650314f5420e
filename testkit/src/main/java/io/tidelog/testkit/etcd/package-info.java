/** A real etcd in child processes on loopback. Each server is owned by the test that started it. */
@NullMarked
package io.tidelog.testkit.etcd;

import org.jspecify.annotations.NullMarked;
