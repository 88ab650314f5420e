/** Holds a real S3 server for tests, in a process of its own that ends with the test. */
@NullMarked
package io.tidelog.testkit.s3;

import org.jspecify.annotations.NullMarked;
