/**
 * The metadata store of a cluster: etcd, through jetcd. The only package that knows jetcd and gRPC.
 * All state is owned by the store's own thread; what jetcd calls back only posts to it.
 */
@NullMarked
package io.tidelog.metadata.store.etcd;

import org.jspecify.annotations.NullMarked;
