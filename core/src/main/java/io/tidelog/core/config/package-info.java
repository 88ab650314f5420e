/**
 * Typed settings: one {@link io.tidelog.core.config.Setting} per key, from which validation,
 * DescribeConfigs and the configuration reference are all made. Immutable; owned by no lane.
 */
@NullMarked
package io.tidelog.core.config;

import org.jspecify.annotations.NullMarked;
