/** What a run amounts to: figures from histories and faults, and the text that says them. Pure. */
@NullMarked
package io.tidelog.chaos.report;

import org.jspecify.annotations.NullMarked;
