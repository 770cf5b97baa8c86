/*
 * watch.h - a folder that is looked at again and again for new files, until
 * TERM or INT.
 */
#ifndef AGGREGATOR_CLI_WATCH_H
#define AGGREGATOR_CLI_WATCH_H

#include <stdbool.h>
#include <stdint.h>

/*
 * Takes FILE, whose bytes have DIGEST (SHA-256). False: it could not be
 * taken now and is offered again.
 */
typedef bool watch_take(void *ctx, const char *file, const uint8_t digest[32]);

/*
 * Offers to TAKE each *.csv, *.tsv and *.txt (also *.gz of them) of DIR, the
 * one written longest ago first, now and every EVERY_MS. A file that was
 * offered comes again only when its bytes have changed; one written within
 * the last seconds waits until it rests. Returns an exit code: EXIT_OK after
 * a signal, EXIT_FAILED when DIR cannot be read.
 */
int watch_folder(
    const char *dir, int64_t every_ms, watch_take *take, void *ctx);

#endif
