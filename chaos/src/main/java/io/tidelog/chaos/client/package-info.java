/**
 * What runs in a client's process: workloads that write down everything they do and see. Each
 * workload is one thread with clients of its own; they share only the {@link
 * io.tidelog.chaos.client.Recorder}.
 */
@NullMarked
package io.tidelog.chaos.client;

import org.jspecify.annotations.NullMarked;
