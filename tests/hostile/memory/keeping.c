/* An allocator that keeps freed blocks as they are, for the heap scan of heap.rs. It goes before
 * the system's in a process that ends soon. */

#include <malloc.h>
#include <stdlib.h>
#include <string.h>

void free(void *block)
{
    (void)block;
}

/* A new block each time: the old one keeps what it holds. */
void *realloc(void *block, size_t size)
{
    void *grown = malloc(size);
    if (block != NULL && grown != NULL) {
        size_t held = malloc_usable_size(block);
        memcpy(grown, block, held < size ? held : size);
    }
    return grown;
}
