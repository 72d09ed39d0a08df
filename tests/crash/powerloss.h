/*
 * powerloss.h - the journal that powerloss.c writes and powerloss-restore reads.
 *
 * A journal is a sequence of records: this header, then old_len bytes (what stood there before),
 * then new_len bytes (what was written). Native byte order: it never leaves the machine.
 */
#ifndef ACOLHE_CRASH_POWERLOSS_H
#define ACOLHE_CRASH_POWERLOSS_H

#include <stdint.h>

#define POWERLOSS_MAGIC 0x504c4f53u

enum record_kind {
    RECORD_WRITE = 1, /* offset, old bytes, new bytes, old_size */
    RECORD_SIZE,   /* the file was cut or extended: new_size, old_size, old bytes = what was cut */
    RECORD_CREATE, /* a new file: earlier records of that inode number belong to another */
    RECORD_SYNC    /* everything of the file before journal position `offset` is on the disk */
};

struct record {
    uint32_t magic;
    uint32_t kind;
    uint64_t device;
    uint64_t inode;
    int64_t offset;
    int64_t old_size;
    int64_t new_size;
    uint64_t old_len;
    uint64_t new_len;
};

#endif
