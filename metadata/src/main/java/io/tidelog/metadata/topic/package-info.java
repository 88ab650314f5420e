/**
 * Creating, changing and deleting topics: what may be done is planned by pure classes; the service
 * on the metadata lane owns what is under way, writes it to the store and has the hot tier follow.
 */
@NullMarked
package io.tidelog.metadata.topic;

import org.jspecify.annotations.NullMarked;
