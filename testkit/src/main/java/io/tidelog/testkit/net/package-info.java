/** A network that a test can break. Each proxy is owned by the test that started it. */
@NullMarked
package io.tidelog.testkit.net;

import org.jspecify.annotations.NullMarked;
