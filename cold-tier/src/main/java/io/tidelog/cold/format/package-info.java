/**
 * Holds the level-0 object format, written and read; {@code docs/formats/cold-object.md} has it
 * byte for byte. Values belong to nobody; a prepared object belongs to the task that made it.
 */
@NullMarked
package io.tidelog.cold.format;

import org.jspecify.annotations.NullMarked;
