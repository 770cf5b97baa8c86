/*
 * output.h - a result that goes to a file: the file has its name only once
 * it is whole, and what stood there before stays until then.
 */
#ifndef AGGREGATOR_CLI_OUTPUT_H
#define AGGREGATOR_CLI_OUTPUT_H

#include "common/error.h"
#include "common/str.h"

/*
 * Writes TEXT to the file called PATH. A device or a pipe is written to as
 * it is, a link is followed. False: ERR names the file, and nothing of TEXT
 * stands under PATH.
 */
bool output_write(
    const char *path, struct str text, struct error *err) MUST_CHECK;

#endif
