/** Holds the object store that is a bucket of S3 or of what speaks its protocol. */
@NullMarked
package io.tidelog.cold.store.s3;

import org.jspecify.annotations.NullMarked;
