/**
 * What operators see and do about delay topics. Nothing here keeps state: each answer is made from
 * what the log and the metadata publish.
 */
@NullMarked
package io.tidelog.app.delay;

import org.jspecify.annotations.NullMarked;
