/** Holds the object store that is a folder of files; its state is the file system's. */
@NullMarked
package io.tidelog.cold.store.folder;

import org.jspecify.annotations.NullMarked;
